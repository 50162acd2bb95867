import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runProgram } from '../helpers/run-program.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream } from '../helpers/upstream.js'

const PROGRAM = join(import.meta.dirname, '../../dist/cli/main.js')

function gitTask(root: string, ...args: readonly string[]): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, '--root', root, ...args], (error, stdout) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout })
    })
  })
}

it('lists archives, and gives one back to the same task and to another', async () => {
  const directory = await temporaryDirectory()
  const { url } = await createUpstream(join(directory, 'upstream.git'))
  const root = join(directory, 'root')
  const workDir = (task: string) => join(root, 'managed-repos/shop/tasks', task, 'workdir')
  await gitTask(root, 'prepare', 'shop', 'task-1', '--source', url)
  await writeFile(join(workDir('task-1'), 'new.txt'), 'new\n')
  // Whoever stands in a checkout that goes can bring it back from there.
  const program = `'${process.execPath}' '${PROGRAM}' --root '${root}'`
  const inside = `${program} cleanup shop task-1 && ${program} restore shop task-1 && ${program} refresh shop task-1`
  const there = await runProgram('sh', ['-c', inside], { cwd: workDir('task-1') })
  expect(there).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Up to date with main; HEAD is at \w{12}$/m),
  })
  const [archive] = JSON.parse((await gitTask(root, 'archives', 'shop', '--json')).stdout)
  expect((await gitTask(root, 'archives')).stdout).toContain(archive.archiveId)
  const other = ['restore', 'shop', 'task-2', '--archive', archive.archiveId, '--suffix']
  expect(await gitTask(root, ...other)).toMatchObject({ code: 0 })
  for (const task of ['task-1', 'task-2'])
    expect(await readFile(join(workDir(task), 'new.txt'), 'utf8')).toBe('new\n')
  expect(await gitTask(root, 'restore', 'shop', 'nothing')).toMatchObject({ code: 1 })
})
