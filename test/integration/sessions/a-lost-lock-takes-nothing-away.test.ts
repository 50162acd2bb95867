import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { catalogue } from 'git-task-isolation'
import { describe, expect, test } from 'vitest'
import { Git, type GitCall, type GitResult } from '../../../src/git/git.js'
import { parseManagerOptions } from '../../../src/model/options.js'
import { parsePrepareRequest } from '../../../src/model/prepare-request.js'
import { cleanup } from '../../../src/operations/cleanup.js'
import { openServices } from '../../../src/operations/open-services.js'
import { prepare } from '../../../src/operations/prepare.js'
import type { Services } from '../../../src/operations/services.js'
import { git } from '../../helpers/run-git.js'
import { runTypeScript } from '../../helpers/run-program.js'
import { CHECKOUTS, failureOf, KEY, type Stage } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

// Which of the two depends on whether the successor still holds it when the loss is noticed.
const LOST = /^(?:TAMPERED|LOCK_TIMEOUT)$/

const child = fileURLToPath(new URL('prepare-one.ts', import.meta.url))

/** Another process prepares the task anew, and its agent commits; answers with the commit. */
async function succeed(stage: Stage, strategy: string): Promise<string> {
  const { code, stdout, stderr } = await runTypeScript(child, [stage.root, stage.upstream.url, strategy])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  await git(stdout, 'commit', '--quiet', '--allow-empty', '-m', 'Work of the successor')
  return git(stdout, 'rev-parse', 'HEAD')
}

/** Services that lose the session's lock before one step, as a host that is suspended there does. */
function suspendedBefore(stage: Stage, at: string, meanwhile: () => Promise<unknown>): Services {
  return servicesOf(stage, {
    beforeStep: async (operation, step) => {
      if (`${operation}:${step}` === at) await loseLock(stage, meanwhile)
    },
  })
}

function servicesOf(stage: Stage, parts: Partial<Services>): Services {
  return openServices(parseManagerOptions({}, { root: stage.root, parallelism: 2 }), [], parts)
}

async function loseLock(stage: Stage, meanwhile: () => Promise<unknown>): Promise<void> {
  await rm(join(stage.layout.locksDir, 'session-task-1.lock'), { recursive: true })
  await meanwhile()
}

/** The same before its first git of a name. */
class SuspendedGit extends Git {
  readonly #name: string
  #meanwhile: (() => Promise<unknown>) | undefined

  constructor(name: string, meanwhile: () => Promise<unknown>) {
    super({ gitTimeoutMs: 60_000 })
    this.#name = name
    this.#meanwhile = meanwhile
  }

  override async run(call: GitCall): Promise<GitResult> {
    const meanwhile = call.args[0] === this.#name ? this.#meanwhile : undefined
    if (meanwhile !== undefined) this.#meanwhile = undefined
    await meanwhile?.()
    return super.run(call)
  }
}

async function expectUntouched(stage: Stage, commit: string): Promise<void> {
  expect((await stage.manager.list()).map(({ state }) => state)).toEqual(['ready'])
  expect(await git(join(stage.layout.tasksDir, 'task-1', 'workdir'), 'rev-parse', 'HEAD')).toBe(commit)
}

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test('a prepare that lost its lock undoes nothing of its successor', async () => {
    const stage = await makeWarmStage()
    let commit = ''
    const services = suspendedBefore(stage, 'prepare:files', async () => {
      commit = await succeed(stage, strategy)
    })
    const request = parsePrepareRequest({ ...KEY, source: stage.upstream.url, strategy })
    expect((await failureOf(prepare(services, request))).code).toMatch(LOST)
    await expectUntouched(stage, commit)
  })

  test.each(['trash', 'release'])('nor does a cleanup before "%s"', async (step) => {
    const stage = await makeWarmStage()
    await (await stage.prepare({ strategy })).finish('succeeded')
    let commit = ''
    const services = suspendedBefore(stage, `cleanup:${step}`, async () => {
      commit = await succeed(stage, strategy)
    })
    expect((await failureOf(cleanup(services, KEY, {}))).code).toMatch(LOST)
    await expectUntouched(stage, commit)
  })
})

test.each([
  ['clone', 'for-each-ref'],
  ['clone', 'read-tree'],
  ['worktree', 'read-tree'],
])('a %s whose prepare lost its lock before "git %s" is not written into', async (strategy, name) => {
  const stage = await makeWarmStage()
  const workDir = join(stage.layout.tasksDir, 'task-1', 'workdir')
  let commit = ''
  const git = new SuspendedGit(name, () =>
    loseLock(stage, async () => {
      commit = await succeed(stage, strategy)
      await writeFile(join(workDir, 'README.md'), 'work that is nowhere else\n')
    }),
  )
  const request = parsePrepareRequest({ ...KEY, source: stage.upstream.url, strategy })
  expect((await failureOf(prepare(servicesOf(stage, { git }), request))).code).toMatch(LOST)
  await expectUntouched(stage, commit)
  expect(await readFile(join(workDir, 'README.md'), 'utf8')).toBe('work that is nowhere else\n')
})

test('an undo that lost its lock takes nothing more away', async () => {
  const stage = await makeWarmStage()
  let commit = ''
  const create = async () => Promise.reject(new Error('broken'))
  const remove = () =>
    loseLock(stage, async () => {
      commit = await succeed(stage, 'clone')
    })
  const broken = { ...catalogue.clone, create, remove }
  const services = servicesOf(stage, { strategies: new Map([['clone', broken]]) })
  expect(
    (await failureOf(prepare(services, parsePrepareRequest({ ...KEY, source: stage.upstream.url })))).code,
  ).toMatch(LOST)
  await expectUntouched(stage, commit)
})

test('nor does a recovery', async () => {
  const stage = await makeWarmStage()
  const workspace = await stage.prepare()
  const file = join(stage.layout.sessionsDir, 'task-1.json')
  await writeFile(file, JSON.stringify({ ...workspace.session, state: 'preparing' }))
  let commit = ''
  const services = suspendedBefore(stage, 'recover:preparing', async () => {
    commit = await succeed(stage, 'clone')
  })
  expect((await failureOf(cleanup(services, KEY, {}))).code).toMatch(LOST)
  await expectUntouched(stage, commit)
})

test("a refused write of a record leaves no reservation, and a leftover one is in nobody's way", async () => {
  const stage = await makeWarmStage()
  const workspace = await stage.prepare()
  const file = join(stage.layout.sessionsDir, 'task-1.json')
  const record: object = JSON.parse(await readFile(file, 'utf8'))
  await workspace.cleanup()
  await writeFile(file, JSON.stringify({ ...record, state: 'reserved' }))
  expect((await stage.prepare()).reused).toBe(false)
})
