import { appendFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { type ContentRequest, readContent } from '../../../src/preservation/archive-file-content.js'
import { PackWriter } from '../../../src/preservation/archive-pack-writer.js'
import { HoleBudget } from '../../../src/preservation/hole-budget.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { failureOf } from '../../integration/verbs/stage.js'

function requestOf(writer: PackWriter, signal?: AbortSignal): ContentRequest {
  return { writer, format: 'sha1', holes: new HoleBudget(), signal }
}

async function newWriter(directory: string): Promise<PackWriter> {
  const writer = await PackWriter.create(join(directory, 'test.pack'), 'sha1')
  onTestFinished(() => writer.close())
  return writer
}

it('names a large file that changes between its two readings', async () => {
  const directory = await temporaryDirectory()
  const writer = await newWriter(directory)
  const path = join(directory, 'large.bin')
  await writeFile(path, Buffer.alloc(9 << 20))
  const content = await readContent(requestOf(writer), Buffer.from(path), 'file')
  const addStream = writer.addStream.bind(writer)
  vi.spyOn(writer, 'addStream').mockImplementation(async (...args) => {
    await appendFile(path, 'more')
    return addStream(...args)
  })
  expect(await failureOf(content.write())).toMatchObject({ code: 'ARCHIVE_FAILED', data: { path } })
})

it('names a file that has more than it said', async () => {
  const writer = await newWriter(await temporaryDirectory())
  // The kernel says that it is empty, and gives its content all the same.
  const reading = readContent(requestOf(writer), Buffer.from('/proc/self/status'), 'file')
  expect(await failureOf(reading)).toMatchObject({
    code: 'ARCHIVE_FAILED',
    data: { path: '/proc/self/status' },
  })
})

it('names a file that became a link, or went', async () => {
  const directory = await temporaryDirectory()
  const writer = await newWriter(directory)
  const link = join(directory, 'link')
  await symlink('/etc/hostname', link)
  for (const path of [link, join(directory, 'gone')]) {
    const failure = await failureOf(readContent(requestOf(writer), Buffer.from(path), 'file'))
    expect(failure).toMatchObject({ code: 'ARCHIVE_FAILED', data: { path } })
  }
})

it('stops in the middle of a large file', async () => {
  const directory = await temporaryDirectory()
  const writer = await newWriter(directory)
  const path = join(directory, 'large.bin')
  await writeFile(path, '')
  await truncate(path, 10 * 1024 ** 3)
  const stop = new AbortController()
  const content = await readContent(requestOf(writer, stop.signal), Buffer.from(path), 'file')
  const writing = failureOf(content.write())
  setImmediate(() => stop.abort())
  expect((await writing).code).toBe('ABORTED')
})

it('names a file of holes, and the one that is too much together with others', async () => {
  const directory = await temporaryDirectory()
  const request = requestOf(await newWriter(directory))
  const read = async (name: string, gigabytes: number) => {
    const path = join(directory, name)
    await writeFile(path, '')
    await truncate(path, gigabytes * 1024 ** 3)
    return readContent(request, Buffer.from(path), 'file')
  }
  await read('first.bin', 10)
  expect(await failureOf(read('second.bin', 10))).toMatchObject({
    code: 'ARCHIVE_FAILED',
    data: { limit: 'holes', path: join(directory, 'second.bin'), found: 20 * 1024 ** 3 },
  })
})
