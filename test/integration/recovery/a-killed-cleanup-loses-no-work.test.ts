import { access, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { environmentLayout } from '../../../src/model/layout.js'
import { tryGit } from '../../helpers/run-git.js'
import { CHECKOUTS, type CrashStage, createCrashStage } from './crash-stage.js'

const KEY = { envId: 'shop', taskId: 'task' }

/** Every moment of a cleanup that has something to archive. */
const ARCHIVING = [
  'look',
  'archive',
  'archive:claim',
  'archive:objects',
  'archive:snapshot',
  'archive:refs',
  'archive:record',
  'archive:done',
] as const
const REMOVING = ['mark', 'trash', 'unregister', 'empty', 'release'] as const

/** Every step where there is most to lose; for the others the moments between which they differ. */
const CHAINS = CHECKOUTS.flatMap((checkout) => {
  const chains = checkout.name === 'a worktree of a URL' ? [ARCHIVING, REMOVING] : [['archive:refs', 'trash']]
  return chains.map((steps) => ({ name: checkout.name, checkout, steps }))
})

/** A workspace with a file that nobody else has, and what tells where it is. */
async function stageWithWork(checkout: (typeof CHECKOUTS)[number]) {
  const stage = await createCrashStage(checkout)
  const workspace = await stage.prepare()
  await writeFile(join(workspace.workDir, 'unsaved.txt'), 'worth keeping\n')
  await workspace.finish('succeeded')
  const file = join(workspace.workDir, 'unsaved.txt')
  return { stage, holders: () => holdersOf(stage, file) }
}

async function holdersOf({ root }: CrashStage, file: string): Promise<('workspace' | 'archive')[]> {
  const inWorkspace = await access(file).then(
    () => ['workspace' as const],
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    },
  )
  return [...inWorkspace, ...((await completeArchives(root)).length > 0 ? ['archive' as const] : [])]
}

/** The archives that git itself finds whole, with the file in them as it was. */
async function completeArchives(root: string): Promise<string[]> {
  const { archivesRepository } = environmentLayout(root, KEY.envId)
  const refs = await tryGit(root, `--git-dir=${archivesRepository}`, 'for-each-ref', '--format=%(refname)')
  if (refs.code !== 0) return []
  const snapshots = refs.stdout.split('\n').filter((ref) => ref.endsWith('/snapshot'))
  if (snapshots.length === 0) return []
  expect(await tryGit(root, `--git-dir=${archivesRepository}`, 'fsck', '--strict')).toMatchObject({ code: 0 })
  const found = ['grep', '--name-only', '-F', 'worth keeping', ...snapshots]
  const { stdout } = await tryGit(root, `--git-dir=${archivesRepository}`, ...found)
  expect(snapshots.filter((ref) => !stdout.includes(`${ref}:`))).toEqual([])
  return snapshots
}

// Each cleanup starts from what the one before it left, and gets further.
it.each(CHAINS)(
  'of $name, killed before $steps, one after the other: the work is there, and a cleanup ends it',
  async ({ checkout, steps }) => {
    const { stage, holders } = await stageWithWork(checkout)
    for (const step of steps) {
      expect(await stage.crash({ verb: 'cleanup', operation: 'cleanup', step }), step).toBe('killed')
      expect(await holders(), step).not.toEqual([])
    }
    expect((await stage.manager.cleanup(KEY)).action).toBe('removed')
    expect(await holders()).toEqual(['archive'])
    // What was short-lived of the killed ones.
    await stage.manager.sweep()
    await stage.expectNothingLeft()
  },
)

it('a sweep after a kill loses nothing, and ends a removal that was begun', async () => {
  const { stage, holders } = await stageWithWork(CHECKOUTS[1])
  for (const [step, left] of [
    ['archive:refs', 1],
    ['mark', 1],
    ['unregister', 0],
  ] as const) {
    expect(await stage.crash({ verb: 'cleanup', operation: 'cleanup', step }), step).toBe('killed')
    expect(await stage.manager.sweep(), step).toMatchObject({ failed: 0 })
    expect(await holders(), step).not.toEqual([])
    expect(await stage.manager.list(), step).toHaveLength(left)
  }
  expect(await holders()).toEqual(['archive'])
  await stage.expectNothingLeft()
})

it('work that was made after a removal was marked is archived by whoever completes it', async () => {
  const { stage, holders } = await stageWithWork(CHECKOUTS[0])
  await stage.crash({ verb: 'cleanup', operation: 'cleanup', step: 'trash', onUnsavedWork: 'archive' })
  const before = (await completeArchives(stage.root)).length
  const archived: string[] = []
  stage.manager.on('cleanup.archived', ({ archiveId }) => archived.push(archiveId))
  expect((await stage.prepare()).reused).toBe(false)
  expect(archived).toHaveLength(1)
  expect(await completeArchives(stage.root)).toHaveLength(before + 1)
  expect(await holders()).toEqual(['archive'])
})

it.each(['a cleanup', 'a sweep'])(
  'a checkout that was renamed after a removal was marked is archived by %s',
  async (verb) => {
    const { stage } = await stageWithWork(CHECKOUTS[0])
    await stage.crash({ verb: 'cleanup', operation: 'cleanup', step: 'trash', onUnsavedWork: 'archive' })
    const before = (await completeArchives(stage.root)).length
    const [record] = await stage.manager.list()
    if (record === undefined) throw new Error('the removal has no record')
    await rename(record.workDir, join(record.rootDir, 'elsewhere'))
    await writeFile(join(record.rootDir, 'elsewhere', 'later.txt'), 'worth keeping too\n')
    await (verb === 'a sweep' ? stage.manager.sweep() : stage.manager.cleanup(KEY))
    expect(await stage.manager.list()).toEqual([])
    expect(await completeArchives(stage.root)).toHaveLength(before + 1)
    const { workDir } = await stage.manager.restore(KEY)
    expect(await readFile(join(workDir, '..', 'elsewhere', 'later.txt'), 'utf8')).toBe('worth keeping too\n')
  },
)

it('of two processes that clean up at once one removes it, and both end well', async () => {
  const { stage, holders } = await stageWithWork(CHECKOUTS[1])
  const plan = { verb: 'cleanup', operation: 'none', step: 'none' } as const
  expect(await Promise.all([stage.crash(plan), stage.crash(plan)])).toEqual(['ended', 'ended'])
  expect(await completeArchives(stage.root)).toHaveLength(1)
  expect(await holders()).toEqual(['archive'])
  expect((await stage.manager.cleanup(KEY)).action).toBe('absent')
  await stage.expectNothingLeft()
})
