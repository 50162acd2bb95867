import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isWorkspaceError, type PrepareRequest, WorkspaceManager } from 'git-task-isolation'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { git } from '../helpers/run-git.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { snapshotTree, type TreeSnapshot } from '../helpers/tree-snapshot.js'
import { createUpstream, type Upstream } from '../helpers/upstream.js'
import { Sentinels } from './sentinels.js'

/** Texts that some program takes for more than text; `{program}` leaves a sentinel when it is run. */
const TEXTS = [
  '--upload-pack={program}',
  '-u{program}',
  '--exec={program}',
  '--output=/{outside}/made',
  '--template={outside}',
  '--config=core.fsmonitor={program}',
  '-c{program}',
  'ext::{program}',
  'ext::sh -c {program}',
  'fd::{program}',
  '$({program})',
  '`{program}`',
  ';{program};',
  '|{program}',
  '&& {program}',
  '\n{program}\n',
  '!{program}',
  '-oProxyCommand={program}',
  'ssh://-oProxyCommand={program}/x',
  'x@-oProxyCommand={program}:x',
  'file://{outside}/x\0y',
  '{outside}',
  '../../../outside',
  '~/x',
  'refs/heads/../../outside',
  '@{-1}',
  ':/first',
  '^main',
  '+main:refs/heads/x',
  'main --force',
] as const

/** The same for places where most texts are welcome, so that each costs a workspace. */
const WELCOME: readonly string[] = [
  '--config=core.fsmonitor={program}',
  '$({program})',
  '`{program}`',
  ';{program};',
  '!{program}',
]

/** Where a caller's text goes, for which strategies; `directory` takes no source and is made in no time. */
interface Place {
  readonly strategies: readonly string[]
  readonly asks: (text: string) => Partial<PrepareRequest>
  readonly texts?: readonly string[]
}

const CHECKOUTS = ['clone', 'worktree']
const PLAIN = ['directory']

const PLACES: Readonly<Record<string, Place>> = {
  source: { strategies: [...CHECKOUTS, 'local'], asks: (text) => ({ source: text }) },
  'source.url': { strategies: CHECKOUTS, asks: (text) => ({ source: { url: text } }) },
  'source.path': { strategies: CHECKOUTS, asks: (text) => ({ source: { path: text } }) },
  baseRef: { strategies: CHECKOUTS, asks: (text) => ({ baseRef: text }) },
  branch: { strategies: CHECKOUTS, asks: (text) => ({ branch: text }) },
  agentName: { strategies: ['clone'], texts: WELCOME, asks: (text) => ({ agentName: text }) },
  'identity.name': {
    strategies: PLAIN,
    texts: WELCOME,
    asks: (text) => ({ identity: { name: text, email: 'a@example.org' } }),
  },
  'identity.email': {
    strategies: PLAIN,
    texts: WELCOME,
    asks: (text) => ({ identity: { name: 'A', email: text } }),
  },
  strategy: { strategies: PLAIN, asks: (text) => ({ strategy: text }) },
  envId: { strategies: PLAIN, asks: (text) => ({ envId: text }) },
  taskId: { strategies: PLAIN, asks: (text) => ({ taskId: text }) },
  runId: { strategies: PLAIN, asks: (text) => ({ runId: text }) },
  metadata: { strategies: PLAIN, texts: WELCOME, asks: (text) => ({ metadata: { [text]: text } }) },
  context: {
    strategies: PLAIN,
    texts: WELCOME,
    asks: (text) => ({ context: { issueTitle: text, agentSkills: [text] } }),
  },
  'context.files': { strategies: PLAIN, asks: (text) => ({ context: { files: { [text]: text } } }) },
  taskFiles: { strategies: PLAIN, asks: (text) => ({ taskFiles: { [text]: text } }) },
  'credentials.host': { strategies: PLAIN, asks: (text) => ({ credentials: { token: 't', host: text } }) },
  'credentials.username': {
    strategies: PLAIN,
    texts: WELCOME,
    asks: (text) => ({ credentials: { token: 't', username: text, host: 'h.invalid' } }),
  },
}

const CASES = Object.entries(PLACES).flatMap(([place, { strategies, ...rest }]) =>
  strategies.map((strategy) => ({ place, strategy, ...rest })),
)

let directory: string
let outside: string
let upstream: Upstream
let sentinels: Sentinels
let manager: WorkspaceManager
let before: TreeSnapshot

beforeAll(async () => {
  directory = await temporaryDirectory()
  outside = join(directory, 'outside')
  await mkdir(join(outside, 'x'), { recursive: true })
  await writeFile(join(outside, 'x', 'file'), 'of somebody else\n')
  upstream = await createUpstream(join(directory, 'upstream'), { bare: false })
  sentinels = await Sentinels.create(join(directory, 'sentinels'))
  await sentinels.program('ran')
  manager = new WorkspaceManager({ root: join(directory, 'root'), gitTimeoutMs: 10_000 })
  before = await snapshotTree(directory, { ignore: IGNORED })
})

afterAll(() => manager.close())

/** Worktrees register themselves in the caller's own repository, and make their branch there. */
const IGNORED = ['root', 'upstream']

test.each(CASES)('as $place for a $strategy', async ({ strategy, asks, texts = TEXTS }) => {
  const source = strategy === 'directory' ? undefined : upstream.path
  const outcomes: string[] = []
  for (const template of texts) {
    const program = join(directory, 'sentinels/bin/ran')
    const text = template.replaceAll('{program}', program).replaceAll('{outside}', outside)
    outcomes.push(
      await outcomeOf({ envId: `env-${strategy}`, taskId: 'task-1', source, strategy, ...asks(text) }),
    )
  }
  expect(outcomes.filter((outcome) => outcome.startsWith('bare'))).toEqual([])
  expect(await sentinels.seen()).toEqual([])
  expect(await snapshotTree(directory, { ignore: IGNORED })).toEqual(before)
})

async function outcomeOf(request: PrepareRequest): Promise<string> {
  try {
    const workspace = await manager.prepare(request)
    await workspace.cleanup({ onUnsavedWork: 'discard' })
    return 'done'
  } catch (error) {
    return isWorkspaceError(error) ? error.code : `bare ${String(error)}`
  }
}

test('control: a text in the wrong place is run', async () => {
  const program = join(directory, 'sentinels/bin/ran')
  await git(upstream.path, 'ls-remote', `--upload-pack=${program}`, upstream.path).catch(String)
  expect(await sentinels.seen()).toEqual(['ran'])
  await sentinels.clear()
})

describe('a file of the caller', () => {
  const taken = { envId: 'files', taskId: 'task-1' } as const

  test.each(['output', 'logs', 'state', 'own'])('is not led out by the agent through %s', async (name) => {
    const workspace = await manager.prepare({ ...taken, source: upstream.url })
    await rm(join(workspace.rootDir, name), { recursive: true, force: true })
    await symlink(outside, join(workspace.rootDir, name))
    const call = manager.prepare({
      ...taken,
      source: upstream.url,
      taskFiles: { [`${name}/x/made.txt`]: 'x' },
    })
    expect(await call.catch((error: unknown) => error)).toMatchObject({ code: 'TAMPERED' })
    expect(await snapshotTree(directory, { ignore: IGNORED })).toEqual(before)
    await rm(join(workspace.rootDir, name))
  })

  test('is not led out by a link in the context folder', async () => {
    const workspace = await manager.prepare({ ...taken, source: upstream.url })
    await symlink(outside, join(workspace.workDir, '.agent_context', 'led'))
    const context = { files: { 'led/x/made.txt': 'x' } }
    const call = manager.prepare({ ...taken, source: upstream.url, context })
    expect(await call.catch((error: unknown) => error)).toMatchObject({ code: 'TAMPERED' })
    expect(await snapshotTree(directory, { ignore: IGNORED })).toEqual(before)
  })

  test.each(['.gitconfig', '.git-credentials'])('replaces %s that is a link', async (name) => {
    const workspace = await manager.prepare({ ...taken, source: upstream.url })
    await rm(join(workspace.rootDir, name), { force: true })
    await symlink(join(outside, 'x', 'file'), join(workspace.rootDir, name))
    const credentials = { token: 't', host: 'h.invalid' }
    await manager.prepare({ ...taken, source: upstream.url, credentials })
    expect(await snapshotTree(directory, { ignore: IGNORED })).toEqual(before)
  })
})
