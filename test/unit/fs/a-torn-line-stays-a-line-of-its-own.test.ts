import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { appendLine } from '../../../src/fs/append-line.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { canMount, mountSmallDisk } from './small-disk.js'

const LIMIT = 1_000_000

/** The code of what an action throws; undefined where it throws nothing. */
function codeOf(action: () => void): unknown {
  try {
    action()
    return undefined
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
}

test.runIf(canMount())('a full disk is reported, and the next line begins behind the torn one', () => {
  const folder = mountSmallDisk()
  const file = join(folder, 'audit.jsonl')
  const filler = join(folder, 'filler')
  writeFileSync(filler, Buffer.alloc(48 * 1024))
  const line = JSON.stringify({ text: 'x'.repeat(3000) })
  const codes = Array.from({ length: 8 }, () => codeOf(() => appendLine(file, line, LIMIT)))
  expect(codes).toContain('DISK_FULL')
  truncateSync(filler, 0)
  appendLine(file, '{"text":"after"}', LIMIT)
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  expect(lines.at(-1)).toBe('{"text":"after"}')
  expect(lines.filter((text) => text === line)).toHaveLength(codes.filter((code) => !code).length)
})

test('a line that was torn without a word is left behind', async () => {
  const file = join(await temporaryDirectory(), 'audit.jsonl')
  writeFileSync(file, '{"whole":1}\n{"torn":')
  appendLine(file, '{"next":2}', LIMIT)
  appendLine(file, '{"last":3}', LIMIT)
  expect(readFileSync(file, 'utf8')).toBe('{"whole":1}\n{"torn":\n{"next":2}\n{"last":3}\n')
})

test('a rotation that was killed half-way keeps no later one from happening', async () => {
  const folder = await temporaryDirectory()
  const file = join(folder, 'audit.jsonl')
  writeFileSync(file, 'old\n')
  linkSync(file, `${file}.${statSync(file).ino}`)
  appendLine(file, 'a line over the limit', 10)
  appendLine(file, 'new', 10)
  expect(readFileSync(file, 'utf8')).toBe('new\n')
  const names = readdirSync(folder).filter((name) => name !== 'audit.jsonl')
  expect(names.every((name) => /^audit\.jsonl\.\d+$/.test(name))).toBe(true)
  // What has a second name is not written to, so that the long line begins a file of its own.
  const kept = new Set(names.map((name) => readFileSync(join(folder, name), 'utf8')))
  expect(kept).toEqual(new Set(['old\n', 'a line over the limit\n']))
})

test.runIf(process.platform !== 'win32')('a pipe in its place holds nobody up', async () => {
  const folder = await temporaryDirectory()
  const file = join(folder, 'audit.jsonl')
  execFileSync('mkfifo', [file])
  const module = pathToFileURL(join(import.meta.dirname, '../../../src/fs/append-line.ts')).href
  const script = `
    import { appendLine } from '${module}'
    try { appendLine(process.argv[2], 'x', 1000) } catch (error) { console.log(error.code) }`
  writeFileSync(join(folder, 'writer.mts'), script)
  const args = ['--import', import.meta.resolve('tsx'), join(folder, 'writer.mts'), file]
  const child = spawn(process.execPath, args, { timeout: 30_000, killSignal: 'SIGKILL' })
  let said = ''
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString()
  })
  await once(child, 'close')
  expect(said.trim()).toBe('TAMPERED')
})

test('a folder or a socket in its place is said to be no file', async () => {
  const folder = await temporaryDirectory()
  mkdirSync(join(folder, 'directory'))
  expect(codeOf(() => appendLine(join(folder, 'directory'), 'x', LIMIT))).toBe('TAMPERED')
  const server = createServer().listen(join(folder, 'socket'))
  await once(server, 'listening')
  expect(codeOf(() => appendLine(join(folder, 'socket'), 'x', LIMIT))).toBe('TAMPERED')
  server.close()
  await once(server, 'close')
})
