import { execFileSync } from 'node:child_process'
import { symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { readJsonIfPresent, readTextIfPresent } from '../../../src/fs/read-json.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

let path = ''

beforeEach(async () => {
  path = join(await temporaryDirectory(), 'record.json')
})

test('JSON is parsed and absence is undefined', async () => {
  expect(await readJsonIfPresent(path)).toBeUndefined()
  await writeFile(path, '{"a":1}')
  expect(await readJsonIfPresent(path)).toEqual({ a: 1 })
  expect(await readTextIfPresent(path)).toBe('{"a":1}')
})

test.each<[string, () => Promise<unknown>]>([
  ['bad JSON', () => writeFile(path, '{"a":')],
  ['an empty file', () => writeFile(path, '')],
  ['more than 8 MiB', () => writeFile(path, '').then(() => truncate(path, 8 * 1024 * 1024 + 1))],
  ['a link', () => writeFile(`${path}.target`, '{}').then(() => symlink(`${path}.target`, path))],
  ['a pipe that nobody writes to', async () => execFileSync('mkfifo', [path])],
  ['a directory', async () => execFileSync('mkdir', [path])],
])('%s is refused and named', async (_what, make) => {
  await make()
  await expect(readJsonIfPresent(path)).rejects.toMatchObject({ code: 'RECORD_CORRUPT', data: { path } })
})
