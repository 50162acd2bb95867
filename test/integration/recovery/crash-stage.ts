import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { expect, onTestFinished } from 'vitest'
import { childProgram } from '../../helpers/child-program.js'
import type { CrashPlan } from '../../helpers/crash-child.js'
import { leftovers } from '../../helpers/leftovers.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream, type Upstream } from '../../helpers/upstream.js'

/** The ways to a checkout, by strategy and kind of source. */
export const CHECKOUTS = [
  { name: 'a clone', strategy: 'clone', source: 'url' },
  { name: 'a worktree of a URL', strategy: 'worktree', source: 'url' },
  { name: 'a worktree of a local path', strategy: 'worktree', source: 'path' },
  { name: 'a directory', strategy: 'directory', source: 'none' },
] as const

export interface CrashStage {
  readonly root: string
  readonly upstream: Upstream
  readonly source: string | undefined
  readonly manager: WorkspaceManager
  /** Runs a verb in a child that kills itself before a step, and answers whether it came to that. */
  crash(
    plan: Pick<CrashPlan, 'verb' | 'operation' | 'step'> & Partial<CrashPlan>,
  ): Promise<'killed' | 'ended'>
  prepare(): ReturnType<WorkspaceManager['prepare']>
  /** Fails the test when anything of a task is left anywhere. */
  expectNothingLeft(): Promise<void>
}

export async function createCrashStage({
  strategy,
  source: kind,
}: (typeof CHECKOUTS)[number]): Promise<CrashStage> {
  const directory = await temporaryDirectory()
  const upstream = await createUpstream(join(directory, 'source'), { bare: kind === 'url' })
  const root = join(directory, 'root')
  const source = { url: upstream.url, path: upstream.path, none: undefined }[kind]
  const manager = new WorkspaceManager({ root })
  onTestFinished(() => manager.close())
  const crash: CrashStage['crash'] = (plan) => runToItsEnd({ root, source, strategy, ...plan })
  const prepare = () => manager.prepare({ envId: 'shop', taskId: 'task', source, strategy })
  return {
    root,
    upstream,
    source,
    manager,
    crash,
    prepare,
    expectNothingLeft: async () => expect(await leftovers(root, 'shop', upstream)).toEqual([]),
  }
}

async function runToItsEnd(plan: CrashPlan): Promise<'killed' | 'ended'> {
  const program = childProgram('crash-child')
  const child = spawn(process.execPath, [program, JSON.stringify(plan)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code, signal]: unknown[] = await once(child, 'close')
  if (signal === 'SIGKILL') return 'killed'
  expect(code).toBe(0)
  return 'ended'
}
