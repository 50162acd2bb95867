import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { git } from '../helpers/run-git.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream } from '../helpers/upstream.js'

const PROGRAM = join(import.meta.dirname, '../../dist/cli/main.js')

function gitTask(...args: readonly string[]): Promise<{ code: number; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...args], (error, _stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stderr })
    })
  })
}

it('the options of a shape reach the workspace', async () => {
  const root = join(await temporaryDirectory(), 'root')
  const files = { 'top.txt': '1', 'a/one.txt': '1', 'b/two.txt': '2', 'c/three.txt': '3' }
  const upstream = await createUpstream(join(root, '..', 'upstream.git'), { files })
  await upstream.git('config', 'uploadpack.allowFilter', 'true')
  await upstream.commit('main', { 'top.txt': '2' })
  const prepare = ['--root', root, 'prepare', 'shop', 'task-1', '--source', upstream.url]
  const shape = ['--depth', '1', '--sparse', 'a', '--sparse', 'b', '--objects', 'own', '--filter', 'tree:0']
  expect(await gitTask(...prepare, ...shape)).toEqual({ code: 0, stderr: '' })
  const workDir = join(root, 'managed-repos/shop/tasks/task-1/workdir')
  expect((await readdir(workDir)).sort()).toEqual(['.agent_context', '.git', 'a', 'b', 'top.txt'])
  expect(await git(workDir, 'rev-list', '--count', 'HEAD')).toBe('1')
  expect(await git(workDir, 'config', 'remote.origin.partialclonefilter')).toBe('tree:0')
  expect(await readdir(join(workDir, '.git/objects/info'))).toEqual([])
})
