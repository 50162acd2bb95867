import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { WorkspaceEvents } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { isThere } from './presence.js'
import { agentWrites, KEY, type Stage } from './stage.js'
import { makeWarmStage } from './warm-stage.js'

const DISCARD = { onUnsavedWork: 'discard' } as const
const BYTES = 200_000

/** A workspace of a good 200,000 bytes. */
async function largeWorkspace(stage: Stage) {
  const workspace = await stage.prepare()
  await agentWrites(workspace, 'large.bin', 'x'.repeat(BYTES))
  return workspace
}

async function auditedBytes({ layout }: Stage): Promise<unknown[]> {
  const lines = (await readFile(layout.auditFile, 'utf8')).trimEnd().split('\n')
  const events: Record<string, unknown>[] = lines.map((line) => JSON.parse(line))
  return events
    .filter(({ freed_bytes }) => freed_bytes !== undefined)
    .map(({ event, freed_bytes }) => ({ event, freed_bytes }))
}

test('at once where there are few files, in its report and in the audit log', async () => {
  const stage = await makeWarmStage()
  const workspace = await largeWorkspace(stage)
  const { freedBytes } = await workspace.cleanup(DISCARD)
  expect(freedBytes).toBeGreaterThan(BYTES)
  await stage.manager.close()
  expect(await auditedBytes(stage)).toEqual([{ event: 'cleanup.completed', freed_bytes: freedBytes }])
})

test('only what it removed, where the artifacts are kept', async () => {
  const stage = await makeWarmStage()
  const workspace = await largeWorkspace(stage)
  await writeFile(join(workspace.outputDir, 'result.bin'), 'x'.repeat(100 * BYTES))
  const { freedBytes } = await workspace.cleanup({ ...DISCARD, keep: 'artifacts' })
  expect(freedBytes).toBeGreaterThan(BYTES)
  expect(freedBytes).toBeLessThan(10 * BYTES)
})

test('afterwards where there are many files, so that nobody waits while they are counted', async () => {
  const stage = await makeWarmStage()
  const workspace = await largeWorkspace(stage)
  // All that a cleanup reads of it is how many entries it has.
  const header = Buffer.from('DIRC\0\0\0\u0002\0\0\0\0')
  header.writeUInt32BE(50_000, 8)
  await writeFile(join(stage.layout.indexesDir, `${KEY.taskId}.index`), header)
  const freed = new Promise<WorkspaceEvents['cleanup.freed']>((resolve) => {
    stage.manager.once('cleanup.freed', resolve)
  })
  const report = await workspace.cleanup(DISCARD)
  expect(report).toMatchObject({ action: 'removed', freedBytes: undefined })
  const { key, freedBytes } = await freed
  expect(key).toEqual(KEY)
  expect(freedBytes).toBeGreaterThan(BYTES)
  expect(await isThere(join(stage.layout.trashDir, KEY.taskId))).toBe(false)
  expect(await auditedBytes(stage)).toEqual([{ event: 'cleanup.freed', freed_bytes: freedBytes }])
})
