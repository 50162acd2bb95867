import { lstatSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import fse from 'fs-extra'
import { WorkspaceManager } from 'git-task-isolation'
import { afterEach, expect, test, vi } from 'vitest'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream } from '../helpers/upstream.js'

const umask = process.umask()
afterEach(() => {
  process.umask(umask)
  vi.restoreAllMocks()
})

/** Folders in which the ones below are found by others, who may do nothing else with them. */
const OPEN = ['.', 'managed-repos', 'managed-repos/shop', 'managed-repos/shop/tasks']

test.each([0o000, 0o022, 0o077])('whatever is made under the umask %o', async (mask) => {
  const directory = await temporaryDirectory()
  const upstream = await createUpstream(join(directory, 'upstream.git'))
  const manager = new WorkspaceManager({ root: join(directory, 'new', 'root') })
  process.umask(mask)
  const written = watchFirstBytes()
  for (const strategy of ['clone', 'worktree']) {
    const workspace = await manager.prepare({
      envId: 'shop',
      taskId: strategy,
      strategy,
      source: upstream.url,
      taskFiles: { 'deep/client.json': {} },
      credentials: { token: 'secret', host: 'h.invalid' },
    })
    await writeFile(join(workspace.workDir, 'work.txt'), 'work\n')
    expect(openToOthers(manager.root, mask)).toEqual(mask === 0o077 ? [] : OPEN)
    await workspace.cleanup()
    await manager.restore(workspace.key)
  }
  await manager.close()
  expect(openToOthers(manager.root, mask)).toEqual(mask === 0o077 ? [] : OPEN)
  const first = (name: string) => written.filter((line) => line.startsWith(`.${name}.tmp `))
  for (const name of ['.git-credentials', '.gitconfig', 'client.json', 'clone.json', 'issue_context.md'])
    expect(new Set(first(name)), name).toEqual(new Set([`.${name}.tmp 600 with 0 bytes`]))
})

/** What can be told of a file that is written aside at the moment before anything is in it. */
function watchFirstBytes(): string[] {
  const seen: string[] = []
  const open = fse.open
  const names = new Map<number, string>()
  vi.spyOn(fse, 'open').mockImplementation(async (...args: unknown[]) => {
    const file: number = await Reflect.apply(open, fse, args)
    names.set(file, basename(String(args[0])))
    return file
  })
  const write = fse.writeFile
  vi.spyOn(fse, 'writeFile').mockImplementation(async (...args: unknown[]) => {
    const [file] = args
    if (typeof file === 'number') {
      const { mode, size } = await fse.fstat(file)
      const name = names.get(file)?.replace(/\.tmp-.*/, '.tmp')
      seen.push(`${name} ${(mode & 0o777).toString(8)} with ${size} bytes`)
    }
    return Reflect.apply(write, fse, args)
  })
  return seen
}

/** What other users come to from the root, and may do anything with. */
function openToOthers(root: string, mask: number): string[] {
  const found: string[] = []
  const visit = (path: string): void => {
    const stats = lstatSync(join(root, path))
    const others = stats.mode & 0o077
    if (stats.isSymbolicLink() || others === 0) return
    found.push(others === (0o055 & ~mask) ? path : `${path} ${others.toString(8)}`)
    if (!stats.isDirectory() || (others & 0o011) === 0) return
    for (const name of readdirSync(join(root, path))) visit(join(path, name))
  }
  visit('.')
  return found
}
