import { mkdir, readdir, rename, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import fse from 'fs-extra'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { writeFileAtomic } from '../../src/fs/atomic-write.js'
import { assertNoLinkInside } from '../../src/fs/contained-path.js'
import { writeFileInside } from '../../src/fs/contained-write.js'
import { temporaryDirectory } from '../helpers/temporary.js'

afterEach(() => {
  vi.restoreAllMocks()
})

/** A root with the folders `a/b`, and a folder outside. */
async function stage() {
  const directory = await temporaryDirectory()
  const [root, outside] = [join(directory, 'root'), join(directory, 'outside')]
  for (const folder of [join(root, 'a', 'b'), join(outside, 'b')]) await mkdir(folder, { recursive: true })
  return { directory, root, outside }
}

/** Puts a link to the outside in a folder's place, right before a call on a file with that name is made. */
function swapBefore(call: 'open' | 'rename' | 'mkdir', swap: () => Promise<void>): void {
  const original = fse[call]
  let isSwapped = false
  vi.spyOn(fse, call).mockImplementation(async (...args: unknown[]) => {
    const isDue = call !== 'open' || String(args[0]).includes('.tmp-')
    if (isDue && !isSwapped) {
      isSwapped = true
      await swap()
    }
    return Reflect.apply(original, fse, args)
  })
}

describe.runIf(process.platform === 'linux')('a folder that is swapped for a link', () => {
  for (const call of ['open', 'rename', 'mkdir'] as const) {
    for (const folder of ['a', 'a/b']) {
      test(`${folder} right before ${call}`, async () => {
        const { directory, root, outside } = await stage()
        swapBefore(call, async () => {
          await rename(join(root, folder), join(directory, 'moved'))
          await symlink(join(outside, folder === 'a' ? '.' : 'b'), join(root, folder))
        })
        await writeFileInside(root, 'a/b/c/file', 'ours', { mode: 0o600 })
        expect(await readdir(outside, { recursive: true })).toEqual(['b'])
        const moved = await readdir(join(directory, 'moved'), { recursive: true })
        expect(moved.filter((name) => name.endsWith('c/file'))).toHaveLength(1)
      })
    }
  }

  test('control: by its path alone the file is written elsewhere', async () => {
    const { directory, root, outside } = await stage()
    swapBefore('open', async () => {
      await rename(join(root, 'a'), join(directory, 'moved'))
      await symlink(outside, join(root, 'a'))
    })
    await assertNoLinkInside(root, join(root, 'a/b'))
    await writeFileAtomic(join(root, 'a/b/file'), 'ours')
    expect(await readdir(outside, { recursive: true })).toEqual(['b', 'b/file'])
  })
})
