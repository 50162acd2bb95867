import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { agentWrites, KEY, type Stage } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

/** As a clock that was a day ahead would have made it. */
async function makeFromTomorrow({ layout }: Stage, archiveId: string): Promise<void> {
  const file = join(layout.archivesDir, `${archiveId}.json`)
  const record: unknown = JSON.parse(await readFile(file, 'utf8'))
  const createdAt = new Date(Date.now() + 86_400_000).toISOString()
  await writeFile(file, JSON.stringify(Object.assign({}, record, { createdAt })))
}

it('a restore takes the archive that was made last, though the clock was set back before', async () => {
  const stage = await makeWarmStage()
  const archiveIds: string[] = []
  for (const content of ['first\n', 'second\n', 'third\n']) {
    await agentWrites(await stage.prepare(), 'work.txt', content)
    const { archive } = await stage.manager.cleanup(KEY)
    if (content === 'first\n') await makeFromTomorrow(stage, archive?.archiveId ?? '')
    archiveIds.unshift(archive?.archiveId ?? '')
  }
  const archives = await stage.manager.archives(KEY)
  expect(archives.map(({ archiveId }) => archiveId)).toEqual(archiveIds)
  const { workDir } = await stage.manager.restore(KEY)
  expect(await readFile(join(workDir, 'work.txt'), 'utf8')).toBe('third\n')
})
