// Run as a process of its own: prepares one task and starts a commit of its agent that waits for its message, until
// both are killed. What it prints is the id of the git's process.
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkspaceManager } from '../../../src/index.js'

const [, , root = '', source = '', strategy = ''] = process.argv
const manager = new WorkspaceManager({ root })
const { workDir, env } = await manager.prepare({ envId: 'shop', taskId: 'task-1', source, strategy })
await writeFile(join(workDir, 'new.txt'), 'new\n')
// The editor ends when its input does, which is when this process and its git have ended.
const environment = { ...process.env, ...env, GIT_EDITOR: 'cat; :' }
const git = spawn('git', ['commit', '--all', '--allow-empty'], {
  cwd: workDir,
  env: environment,
  stdio: ['pipe', 'ignore', 'ignore'],
})
process.stdout.write(`${git.pid}\n`)
