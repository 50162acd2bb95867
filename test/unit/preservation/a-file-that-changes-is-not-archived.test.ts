import { appendFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { readContent } from '../../../src/preservation/archive-file-content.js'
import { PackWriter } from '../../../src/preservation/archive-pack-writer.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { failureOf } from '../../integration/verbs/stage.js'

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
  const content = await readContent(writer, 'sha1', Buffer.from(path), 'file')
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
  const reading = readContent(writer, 'sha1', Buffer.from('/proc/self/status'), 'file')
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
    const failure = await failureOf(readContent(writer, 'sha1', Buffer.from(path), 'file'))
    expect(failure).toMatchObject({ code: 'ARCHIVE_FAILED', data: { path } })
  }
})
