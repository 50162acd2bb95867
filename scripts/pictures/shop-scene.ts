import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { type PrepareRequest, type Workspace, WorkspaceManager } from 'git-task-isolation'

const run = promisify(execFile)

/** A root with tasks in every state that a person meets, one of them archived. */
export interface ShopScene {
  readonly root: string
  /** Ends what the scene holds open, and leaves nothing behind. */
  clear(): Promise<void>
}

/** One of the tasks is prepared by `program`, which has ended by then, so that its owner is gone. */
export async function shopScene(program: string): Promise<ShopScene> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'git-task-picture-')))
  const root = join(directory, 'agents')
  const source = await makeUpstream(directory)
  // The owner of the tasks, which lives as long as the scene.
  const manager = new WorkspaceManager({ root })
  const prepare = (taskId: string, more: Partial<PrepareRequest> = {}) =>
    manager.prepare({ envId: 'shop', taskId, source, agentName: 'backend', ...more })
  await write(await prepare('task-40'), 'src/report.js', 2_000)
  await manager.cleanup({ envId: 'shop', taskId: 'task-40' })
  await prepare('task-41').then((workspace) => workspace.finish('succeeded'))
  await write(await prepare('task-42'), 'src/login.js', 400)
  await prepare('task-43', { runId: 'r2', agentName: 'frontend' })
  await write(await prepare('task-44', { strategy: 'worktree', agentName: 'docs' }), 'docs/login.md', 120)
  await prepare('task-45').then((workspace) => workspace.finish('failed'))
  await run(process.execPath, [program, 'prepare', 'shop', 'task-46', '--source', source, '--root', root])
  const clear = async () => {
    await manager.close()
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
  return { root, clear }
}

async function makeUpstream(directory: string): Promise<string> {
  const author = join(directory, 'author')
  const bare = join(directory, 'shop.git')
  const git = (...args: string[]) => run('git', ['-C', author, ...args])
  await mkdir(join(author, 'src'), { recursive: true })
  await mkdir(join(author, 'docs'))
  for (let number = 0; number < 60; number += 1)
    await writeFile(join(author, `src/page-${number}.js`), `export const page = ${number}\n`.repeat(400))
  await git('init', '--quiet', '--initial-branch', 'main')
  await git('add', '--all')
  const author_ = ['-c', 'user.name=Shop', '-c', 'user.email=shop@example.org']
  await git(...author_, 'commit', '--quiet', '--message', 'Open the shop')
  await git('clone', '--quiet', '--bare', author, bare)
  return pathToFileURL(bare).href
}

async function write({ workDir }: Workspace, file: string, lines: number): Promise<void> {
  await mkdir(join(workDir, file, '..'), { recursive: true })
  await writeFile(join(workDir, file), '// at work\n'.repeat(lines))
}
