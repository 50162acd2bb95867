import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { environmentLayout } from '../../src/model/layout.js'
import { leftovers } from '../helpers/leftovers.js'
import { createUpstream } from '../helpers/upstream.js'
import { Child } from './child-process.js'
import type { CrowdCommand, CrowdEvent, CrowdPlan } from './crowd-child.js'
import { upstreamFiles } from './files.js'
import type { Outcome, Scenario, Stage } from './scenario.js'

const PROCESSES = 4
const TASKS_EACH = 50
/** What the tasks of each crowd are. */
const CROWDS = [['clone', 'worktree'], ['worktree'], ['clone']] as const
const ONCE_PER_TASK = [
  'session.reserved',
  'workspace.ready',
  'session.released',
  'cleanup.completed',
] as const

type Crowd = readonly Child<CrowdEvent>[]

/**
 * Four processes prepare fifty tasks each, all at once, on an environment that does not exist yet, and clean up: with
 * both strategies on one mirror, and with each by itself.
 */
export const crowd: Scenario = {
  name: 'crowd',
  rounds: { least: CROWDS.length, enough: CROWDS.length },
  share: 0.2,

  async run(stage: Stage): Promise<Outcome> {
    const counts = { ready: 0, 'cleaned up': 0 }
    const violations: string[] = []
    for (let round = 0; stage.pace.mayStart(round); round += 1) {
      const strategies = CROWDS[round % CROWDS.length] ?? CROWDS[0]
      const result = await oneCrowd(stage, join(stage.directory, `${round}`), strategies)
      counts.ready += result.ready
      counts['cleaned up'] += result.cleanedUp
      violations.push(...result.violations.map((violation) => `${strategies.join(' and ')}: ${violation}`))
    }
    return { counts, violations }
  },
}

async function oneCrowd(stage: Stage, directory: string, strategies: readonly string[]) {
  const upstream = await createUpstream(join(directory, 'upstream.git'), { files: upstreamFiles() })
  const root = join(directory, 'root')
  const plan = { root, source: upstream.url, strategies, tasks: TASKS_EACH }
  const children = Array.from({ length: PROCESSES }, (_, n): Child<CrowdEvent> => {
    const own: CrowdPlan = { ...plan, name: `process-${n}` }
    return new Child(stage.program('crowd-child'), own)
  })
  await Promise.all(children.map((child) => child.next('started')))
  const prepared = await tellAll(children, { do: 'prepare' })
  const inspected = await tellAll(children, { do: 'inspect' })
  const cleaned = await tellAll(children, { do: 'cleanup' })
  await Promise.all(children.map((child) => child.finish()))
  const left = (await leftovers(root, 'shop', upstream)).map((path) => `left: ${path}`)
  const violations = [...prepared.failures, ...inspected.failures, ...cleaned.failures, ...left]
  violations.push(...(await auditProblems(environmentLayout(root, 'shop').auditFile)))
  if (violations.length === 0) await rm(directory, { recursive: true, force: true })
  return { ready: prepared.succeeded, cleanedUp: cleaned.succeeded, violations }
}

async function tellAll(children: Crowd, command: CrowdCommand) {
  for (const child of children) child.tell(command)
  const done = await Promise.all(children.map((child) => child.next('done')))
  return {
    succeeded: done.reduce((sum, { succeeded }) => sum + succeeded, 0),
    failures: done.flatMap(({ failures }) => failures),
  }
}

/** Every line can be read, and each task has each event of a whole life exactly once. */
async function auditProblems(file: string): Promise<string[]> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
  const entries = lines.map(parseLine)
  const torn = entries.filter((entry) => entry === undefined).length
  const seen = new Map<string, number>()
  for (const entry of entries) {
    const name = `${entry?.event} of ${entry?.task_id}`
    seen.set(name, (seen.get(name) ?? 0) + 1)
  }
  const wrong = expectedEntries().filter((name) => seen.get(name) !== 1)
  return [
    ...(torn === 0 ? [] : [`${torn} lines of the audit log cannot be read`]),
    ...wrong.slice(0, 5).map((name) => `the audit log has ${seen.get(name) ?? 0} × ${name}`),
    ...(wrong.length > 5 ? [`and ${wrong.length - 5} more like these`] : []),
  ]
}

function expectedEntries(): string[] {
  const numbers = Array.from({ length: PROCESSES * TASKS_EACH }, (_, n) => n)
  const tasks = numbers.map((n) => `process-${n % PROCESSES}-${Math.floor(n / PROCESSES)}`)
  return tasks.flatMap((task) => ONCE_PER_TASK.map((event) => `${event} of ${task}`))
}

function parseLine(line: string): { event: string; task_id?: string } | undefined {
  try {
    const entry: { event: string; task_id?: string } = JSON.parse(line)
    return entry
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
