import { existsSync } from 'node:fs'
import { cp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type EventName,
  type PrepareRequest,
  type Workspace,
  WorkspaceManager,
  type WorkspaceManagerOptions,
} from 'git-task-isolation'
import { environmentLayout } from '../../src/model/layout.js'
import { copyTree } from '../helpers/copy-tree.js'
import { git } from '../helpers/run-git.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream, type Upstream } from '../helpers/upstream.js'
import { Sentinels } from './sentinels.js'

export const STRATEGIES = ['clone', 'worktree'] as const

export type StrategyName = (typeof STRATEGIES)[number]

export const KEY = { envId: 'shop', taskId: 'attacker' } as const
export const VICTIM = { envId: 'shop', taskId: 'victim' } as const

/** The repository of everybody, with files of the kinds that attributes can name programs for. */
const FILES = {
  '.gitattributes': [
    '*.clean filter=evil-clean',
    '*.smudge filter=evil-smudge',
    '*.process filter=evil-process',
    '*.driver diff=evil-driver',
    '*.textconv diff=evil-textconv',
    '*.merge merge=evil-merge',
    '*.included filter=evil-included',
    '',
  ].join('\n'),
  'README.md': '# Upstream\n',
  ...Object.fromEntries(
    ['clean', 'smudge', 'process', 'driver', 'textconv', 'included', 'poisoned'].map((kind) => [
      `file.${kind}`,
      `first ${kind}\n`,
    ]),
  ),
  'file.merge': mergeable('first', 'last'),
}

/** Two ends far enough apart to be changed by two sides at once. */
export function mergeable(first: string, last: string): string {
  return `${first}\n${'between\n'.repeat(10)}${last}\n`
}

/** An environment with two tasks: the attacker's, and another's that must not suffer. */
export interface HostileStage {
  readonly strategy: StrategyName
  readonly directory: string
  readonly root: string
  readonly upstream: Upstream
  readonly manager: WorkspaceManager
  readonly layout: ReturnType<typeof environmentLayout>
  readonly workspace: Workspace
  readonly victim: Workspace
  /** The repository whose configuration the attacker's git obeys: its clone's own, or the mirror. */
  readonly commonDir: string
  readonly sentinels: Sentinels
  readonly events: Record<string, unknown>[]
  prepare(request?: Partial<PrepareRequest>): Promise<Workspace>
  /** Plain git in the attacker's checkout, as the attacker or a careless orchestrator runs it. */
  git(...args: string[]): Promise<string>
}

/** What git obeys in a repository; whoever repairs a mirror removes what is not its own. */
const OBEYED = ['config', 'hooks', 'info']

/** Remembers an armed repository, and answers with the way to arm it so again. */
export async function rearming({ commonDir, directory }: HostileStage): Promise<() => Promise<void>> {
  const kept = join(directory, 'armed')
  const copy = async (from: string, to: string) => {
    for (const name of OBEYED) {
      await rm(join(to, name), { recursive: true, force: true })
      await cp(join(from, name), join(to, name), { recursive: true })
    }
  }
  await copy(commonDir, kept)
  // While the workspace is away there may be nothing to be armed.
  return async () => {
    if (existsSync(commonDir)) await copy(kept, commonDir)
  }
}

const HEARD: readonly EventName[] = [
  'warning',
  'mirror.stale',
  'cleanup.failed',
  'workspace.rolledBack',
  'workspace.refreshed',
]

const OPTIONS = { onUnsavedWork: 'refuse', gitTimeoutMs: 10_000 } as const

/** Lives until the test file ends; whoever made it closes its manager. */
export async function makeHostileStage(
  strategy: StrategyName,
  options: WorkspaceManagerOptions = {},
): Promise<HostileStage> {
  const directory = await temporaryDirectory()
  const upstream = await createUpstream(join(directory, 'upstream.git'), {
    files: FILES,
    branches: { theirs: { 'file.merge': mergeable('theirs', 'last') } },
  })
  const root = join(directory, 'root')
  const manager = new WorkspaceManager({ ...OPTIONS, ...options, root })
  const events: Record<string, unknown>[] = []
  for (const name of HEARD) manager.on(name, (event) => events.push({ name, ...event }))
  const prepare = (request: Partial<PrepareRequest> = {}) =>
    manager.prepare({ ...KEY, strategy, source: upstream.url, ...request })
  const victim = await prepare(VICTIM)
  const workspace = await prepare()
  const layout = environmentLayout(root, KEY.envId)
  return {
    strategy,
    directory,
    root,
    upstream,
    manager,
    layout,
    workspace,
    victim,
    commonDir: strategy === 'clone' ? join(workspace.workDir, '.git') : layout.mirrorDir,
    sentinels: await Sentinels.create(join(directory, 'sentinels')),
    events,
    prepare,
    git: (...args) => git(workspace.workDir, ...args),
  }
}

/** Nothing that was fetched is fetched again. */
export const FRESH = { mode: 'prefer', maxAgeMs: 3_600_000 } as const

export type RepeatedStage = Omit<HostileStage, 'prepare' | 'events'>

/** A stage to begin with again and again, which takes one copy of files; upstream stays as whoever has it leaves it. */
export async function makeStageToRepeat(strategy: StrategyName): Promise<() => Promise<RepeatedStage>> {
  const first = await makeHostileStage(strategy)
  await first.manager.close()
  const { directory, root } = first
  await rename(root, join(directory, 'template'))
  return async () => {
    await rm(root, { recursive: true, force: true })
    await copyTree(join(directory, 'template'), root)
    const manager = new WorkspaceManager({ ...OPTIONS, root, freshness: FRESH })
    return { ...first, manager }
  }
}
