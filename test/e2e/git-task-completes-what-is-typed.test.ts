import { mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { beforeAll, describe, expect, it } from 'vitest'
import { candidates } from '../../src/cli/completion/candidates.js'
import { buildProgram } from '../../src/cli/program.js'
import { repositoryRoot, runProgram } from '../helpers/run-program.js'
import { temporaryDirectory } from '../helpers/temporary.js'

let root = ''

beforeAll(async () => {
  root = await temporaryDirectory()
  const manager = new WorkspaceManager({ root })
  for (const runId of ['r1', 'r2']) await manager.prepare({ envId: 'shop', taskId: 'task-1', runId })
  const { workDir, key } = await manager.prepare({ envId: 'shop', taskId: 'gone' })
  await writeFile(join(workDir, 'work.txt'), 'work\n')
  await manager.cleanup(key)
  await manager.prepare({ envId: 'bank', taskId: 'task-9' })
  await manager.close()
})

async function offered(...words: readonly string[]): Promise<readonly string[] | 'folders'> {
  const found = await candidates(buildProgram('json'), ['--root', root, ...words])
  return found === 'folders' ? found : found.map(({ value }) => value).sort()
}

describe('what is offered', () => {
  it.each<readonly [words: string, offered: readonly string[] | 'folders']>([
    ['show ', ['bank', 'shop']],
    ['show shop ', ['task-1']],
    ['show --json shop task-1 --run ', ['r1', 'r2']],
    ['show shop task-1 --run=', ['--run=r1', '--run=r2']],
    ["show 'shop' ", ['task-1']],
    ['show shop task-1 ', []],
    ['restore shop ', ['gone']],
    ['finish shop task-1 --run r1 ', ['cancelled', 'failed', 'succeeded']],
    ['refresh --mode ', ['fast-forward', 'rebase', 'reset']],
    ['prepare --source ', 'folders'],
    ['prepare --agent ', []],
    ['prepare --agent show shop ', ['task-1']],
    ['completion ', ['bash', 'fish', 'zsh']],
    ['show -- ', ['bank', 'shop']],
    ['no-such-command ', []],
  ])('%j', async (line, expected) => {
    expect(await offered(...line.split(' '))).toEqual(expected)
  })

  it('commands, where none is named yet, and for help', async () => {
    expect(await offered('')).toEqual(expect.arrayContaining(['prepare', 'doctor', 'help']))
    expect(await offered('')).not.toContain('__complete')
    expect(await offered('help', '')).toEqual(expect.arrayContaining(['prepare', 'doctor']))
  })

  it('options, those of the program too', async () => {
    expect(await offered('audit', 'shop', '-')).toEqual([
      '--follow',
      '--help',
      '--json',
      '--root',
      '--version',
    ])
  })

  it('nothing of a root that cannot be read', async () => {
    await writeFile(join(root, 'file'), '')
    expect(await offered('--root', join(root, 'file'), 'show', '')).toEqual([])
  })
})

// What bash sets before it calls a completion, and what git's own completion sets for its commands.
const SCRIPT = `
source <(git-task completion bash)
typed() { COMP_WORDS=("\${@:2}"); COMP_CWORD=$(($# - 2)); COMP_LINE=$1; _git-task; echo "\${COMPREPLY[*]}"; }
typed 'git-task refresh --mode=re' git-task refresh --mode = re
typed 'git-task prepare --source https://a/b.git sh' git-task prepare --source https : //a/b.git sh
COMP_WORDS=(git -C / task finish shop task-1 ca) COMP_CWORD=7
words=("\${COMP_WORDS[@]}") cword=7 __git_cmd_idx=3
_git_task; echo "\${COMPREPLY[*]}"
`

it('bash completes git-task, and git task', async () => {
  const bin = join(root, 'bin')
  await mkdir(bin)
  const program = `#!/bin/sh\nexec "${process.execPath}" "${join(repositoryRoot, 'dist/cli/main.js')}" "$@"\n`
  await writeFile(join(bin, 'git-task'), program, { mode: 0o755 })
  const env = { PATH: [bin, process.env['PATH']].join(delimiter), GIT_TASK_ROOT: root, HOME: root }
  const { stdout, stderr } = await runProgram('bash', ['--norc', '-c', SCRIPT], { env })
  expect(stderr).toBe('')
  expect(stdout).toBe('rebase reset\nshop\ncancelled\n')
})
