import { execFile } from 'node:child_process'
import { devNull } from 'node:os'
import { promisify } from 'node:util'
import type { Workspace } from 'git-task-isolation'

const run = promisify(execFile)

/** Plain git with an identity of its own, free of the machine's settings: for making the upstream. */
export async function git(directory: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('git', args, { cwd: directory, env: cleanEnvironment() })
  return stdout.trimEnd()
}

/** Plain git as an agent runs it: in the workspace, with the workspace's environment. */
export async function gitIn(workspace: Workspace, ...args: string[]): Promise<string> {
  const env = { ...process.env, ...workspace.env }
  const { stdout } = await run('git', args, { cwd: workspace.workDir, env })
  return stdout.trimEnd()
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))
  const person = { NAME: 'Example Upstream', EMAIL: 'upstream@example.org' }
  return {
    ...Object.fromEntries(inherited),
    GIT_AUTHOR_NAME: person.NAME,
    GIT_AUTHOR_EMAIL: person.EMAIL,
    GIT_COMMITTER_NAME: person.NAME,
    GIT_COMMITTER_EMAIL: person.EMAIL,
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
  }
}
