import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LockProcess } from '../../helpers/lock-process.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { forgeLock } from './forged-lock.js'

const [PROCESSES, TIMES, ROUNDS] = [8, 15, 10]
let [folder, path, counter] = ['', '', '']
let processes: LockProcess[] = []

beforeAll(async () => {
  const root = await temporaryDirectory()
  folder = join(root, 'locks')
  path = join(folder, 'environment.lock')
  counter = join(root, 'counter')
  processes = await Promise.all(Array.from({ length: PROCESSES }, () => LockProcess.start(path)))
})
afterAll(() => Promise.all(processes.map((process) => process.end())))

async function countInAll(times: number): Promise<void> {
  for (const process of processes) process.tell({ do: 'count', counter, times })
  await Promise.all(processes.map((process) => process.next('counted')))
}

test('8 processes increment an unprotected counter and no increment is lost', async () => {
  await writeFile(counter, '0')
  await countInAll(TIMES)
  expect(Number(await readFile(counter, 'utf8'))).toBe(PROCESSES * TIMES)
  expect(await readdir(folder)).toEqual([])
})

test("8 processes that find a dead holder's lock at once take it over one at a time", async () => {
  await writeFile(counter, '0')
  for (let round = 0; round < ROUNDS; round++) {
    await forgeLock(path, { processStart: 'of another process' })
    await countInAll(1)
  }
  expect(Number(await readFile(counter, 'utf8'))).toBe(PROCESSES * ROUNDS)
  expect(await readdir(folder)).toEqual([])
})
