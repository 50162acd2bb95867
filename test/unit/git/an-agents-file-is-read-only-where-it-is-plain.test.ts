import { execFile } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { readPlain } from '../../../src/git/plain-files.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

const MAX_BYTES = 10

const PLACES: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  'a link': async (path) => {
    await writeFile(`${path}.target`, 'secret')
    await symlink(`${path}.target`, path)
  },
  'a link to nothing': (path) => symlink(`${path}.target`, path),
  'a pipe': (path) => promisify(execFile)('mkfifo', [path]),
  'a folder': (path) => mkdir(path),
  nothing: async () => undefined,
}

test.each(Object.entries(PLACES))('%s is no file, and nothing is waited for', async (_what, make) => {
  const path = join(await temporaryDirectory(), 'HEAD')
  await make(path)
  expect(await readPlain(path, MAX_BYTES)).toBeUndefined()
})

test('a file is read up to its limit', async () => {
  const path = join(await temporaryDirectory(), 'HEAD')
  await writeFile(path, '0123456789')
  expect(await readPlain(path, MAX_BYTES)).toBe('0123456789')
  await writeFile(path, '0123456789x')
  await expect(readPlain(path, MAX_BYTES)).rejects.toMatchObject({ code: 'TAMPERED' })
})
