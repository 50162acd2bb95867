import { expect, test } from 'vitest'
import { historyStream, pathOf } from '../../../bench/history.js'

const stream = (files: number, commits: number) =>
  Buffer.concat([...historyStream({ files, commits })]).toString('latin1')

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0

test('the same shape gives the same bytes', () => {
  expect(stream(20, 30)).toBe(stream(20, 30))
})

test('it has as many commits and files as were asked for, and an end', () => {
  const text = stream(60, 30)
  expect(count(text, /^commit refs\/heads\/main$/gm)).toBe(30)
  const first = text.slice(0, text.indexOf('\nmark :2\n'))
  expect(count(first, /^M 100644 inline /gm)).toBe(60)
  expect(text.endsWith('done\n')).toBe(true)
})

test('no two files have one path, and no file stands where a folder is', () => {
  const paths = Array.from({ length: 5_000 }, (_, file) => pathOf(file))
  const folders = new Set(paths.flatMap((path) => path.split('/').slice(0, -1)))
  expect(new Set(paths).size).toBe(5_000)
  for (const path of paths) expect(folders.has(path)).toBe(false)
})
