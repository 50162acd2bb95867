import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repairOnce } from '../../../src/mirror/repair-once.js'
import type { Tampering } from '../../../src/mirror/tampering.js'
import { mirrorWithOneTask } from './mirror-with-one-task.js'

test('two looks serve all who ask together, what is found is told once, and whoever asks later has another', async () => {
  const { git, check, mirrorDir } = await mirrorWithOneTask()
  const arm = async () => {
    await mkdir(join(mirrorDir, 'hooks'), { recursive: true })
    await writeFile(join(mirrorDir, 'hooks/post-checkout'), 'evil')
  }
  const told: (readonly Tampering[])[] = []
  const gone = AbortSignal.abort()
  const ask = (signal?: AbortSignal) =>
    repairOnce({ git, onTampered: (found) => told.push(found) }, { ...check, signal })
  const forged = { path: join(mirrorDir, 'hooks') }
  await arm()
  const [first, ...others] = await Promise.all([ask(gone), ask(), ask(), ask()])
  expect(first).toMatchObject([forged])
  // They asked when the first look had begun, and share the next.
  expect(others).toEqual([[], [], []])
  expect(told.map((found) => found.length)).toEqual([1, 0])
  await arm()
  expect(await ask()).toMatchObject([forged])
})
