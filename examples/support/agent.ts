import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Workspace } from 'git-task-isolation'

const program = fileURLToPath(new URL('agent.mjs', import.meta.url))

/** Runs the stand-in agent as a child process, exactly as `claude` or `codex` would be, until it has pushed. */
export async function runAgent(workspace: Workspace): Promise<void> {
  const agent = spawn(process.execPath, [program, '1', 'git', 'push', '--quiet', '-u', 'origin', 'HEAD'], {
    cwd: workspace.workDir,
    env: { ...process.env, ...workspace.env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [exitCode] = await once(agent, 'exit')
  if (exitCode !== 0) throw new Error(`the agent of ${workspace.key.taskId} ended with ${exitCode}`)
}
