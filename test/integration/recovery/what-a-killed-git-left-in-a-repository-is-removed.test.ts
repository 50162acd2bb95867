import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findAbandoned, removeAbandoned, removeFiles } from '../../../src/git/abandoned-files.js'
import { git } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import {
  bareRepository,
  managedRepository,
  outliveTheMargin,
  untilAbandoned,
  WaitingGit,
} from './waiting-git.js'

describe.runIf(process.platform === 'linux')('in a repository of ours', () => {
  it('the temporary pack of a killed git goes, and that of a living one stays', async () => {
    const { gitDir } = await managedRepository()
    await (await halfReceivedPack(gitDir)).kill()
    const [dead = ''] = await temporaryPacks(gitDir)
    await untilAbandoned(join(gitDir, 'objects/pack', dead))
    const living = await halfReceivedPack(gitDir)
    const removed = await removeAbandoned(gitDir)
    expect(removed).toEqual([join(gitDir, 'objects/pack', dead)])
    expect(await temporaryPacks(gitDir)).toHaveLength(1)
    await living.kill()
    await expect.poll(() => removeAbandoned(gitDir), { timeout: 30_000 }).toHaveLength(1)
    expect(await temporaryPacks(gitDir)).toEqual([])
  })

  it('a half-received push goes with its folder, and one that still comes in stays', async () => {
    const { gitDir, commit } = await managedRepository()
    const living = await halfReceivedPush(gitDir, commit)
    expect(await removeAbandoned(gitDir)).toEqual([])
    expect(await incomingFolders(gitDir)).toHaveLength(1)
    // Its index-pack ends with it, when its input does.
    await living.kill()
    await expect.poll(() => removeAbandoned(gitDir), { timeout: 20_000 }).toHaveLength(1)
    expect(await incomingFolders(gitDir)).toEqual([])
  })

  it('a folder of objects stays while something works with it, whenever that came', async () => {
    const { gitDir } = await managedRepository()
    const folder = join(gitDir, 'objects', 'tmp_objdir-incoming-AbCdEf')
    await mkdir(join(folder, 'pack'), { recursive: true })
    await outliveTheMargin(folder)
    const check = await WaitingGit.start(gitDir, ['cat-file', '--batch-check'], {
      GIT_QUARANTINE_PATH: folder,
    })
    check.write('nothing\n')
    await check.says('nothing missing')
    expect(await removeAbandoned(gitDir)).toEqual([])
    await check.kill()
    await untilAbandoned(folder)
    expect(await removeAbandoned(gitDir)).toEqual([folder])
  })

  it('every kind of leftover goes, and nothing else', async () => {
    const { gitDir, commit } = await managedRepository()
    for (const folder of FOLDERS) await mkdir(join(gitDir, folder), { recursive: true })
    const before = await snapshotTree(gitDir)
    const left = await leaveEverything(gitDir)
    await untilAbandoned(left.at(-1) ?? '')
    expect((await removeAbandoned(gitDir, { mode: 'list' })).sort()).toEqual(left)
    expect((await removeAbandoned(gitDir)).sort()).toEqual(left)
    expect(await removeAbandoned(gitDir)).toEqual([])
    expect(await snapshotTree(gitDir)).toEqual(before)
    await git(gitDir, 'fsck', '--strict')
    expect(await git(gitDir, 'rev-parse', 'main')).toBe(commit)
  })

  it('what belongs to worktrees stays, and so does what a link leads to', async () => {
    const { gitDir } = await managedRepository()
    const callers = join(await temporaryDirectory(), 'callers.git')
    await bareRepository(callers)
    await writeFile(join(callers, 'refs/heads/a.lock'), '')
    await symlink(join(callers, 'refs/heads'), join(gitDir, 'refs/callers'))
    await mkdir(join(gitDir, 'worktrees/task'), { recursive: true })
    await writeFile(join(gitDir, 'worktrees/task/index.lock'), '')
    expect(await removeAbandoned(gitDir)).toEqual([])
    expect(await removeAbandoned(join(gitDir, 'refs/callers'))).toEqual([])
    expect(await readdir(join(callers, 'refs/heads'))).toContain('a.lock')
  })

  it.each(['file', 'folder'])('a %s that is made anew after it was looked at stays', async (kind) => {
    const { gitDir } = await managedRepository()
    const path = join(gitDir, kind === 'file' ? 'packed-refs.lock' : 'objects/incoming-AbCdEf')
    const make = () => (kind === 'file' ? writeFile(path, '') : mkdir(path))
    await make()
    await untilAbandoned(path)
    const found = await findAbandoned([path])
    expect(found).toHaveLength(1)
    await rm(path, { recursive: true })
    expect(await removeFiles(found)).toEqual([])
    await make()
    expect(await removeFiles(found)).toEqual([])
    await untilAbandoned(path)
    expect(await removeFiles(await findAbandoned([path]))).toEqual([path])
  })
})

it('where there is no repository there is nothing to remove', async () => {
  expect(await removeAbandoned(join(await temporaryDirectory(), 'nothing.git'))).toEqual([])
})

const FOLDERS = ['info', 'refs/remotes/origin/feature', 'objects/4b'] as const

/** One file of each kind that a killed git leaves; answers their paths in order. */
async function leaveEverything(gitDir: string): Promise<string[]> {
  const files = [
    'HEAD.lock',
    'info/sparse-checkout.lock',
    'config.lock',
    'index.lock',
    'packed-refs.lock',
    'packed-refs.new',
    'shallow.lock',
    'refs/heads/main.lock',
    'refs/remotes/origin/feature/deep.lock',
    'objects/info/commit-graph.lock',
    'objects/pack/multi-pack-index.lock',
    'objects/pack/tmp_idx_AbCdEf',
    'objects/pack/tmp_pack_AbCdEf',
    'objects/pack/tmp_rev_AbCdEf',
    'objects/4b/tmp_obj_AbCdEf',
  ]
  const folders = ['objects/incoming-AbCdEf', 'objects/tmp_objdir-incoming-AbCdEf']
  for (const file of files) await writeFile(join(gitDir, file), 'half')
  for (const folder of folders) {
    await mkdir(join(gitDir, folder, 'pack'), { recursive: true })
    await writeFile(join(gitDir, folder, 'pack', 'tmp_pack_AbCdEf'), 'half')
  }
  return [...files, ...folders].map((name) => join(gitDir, name)).sort()
}

// gitformat-pack(5): "PACK", version 2, two objects, of which none comes.
const PACK_HEADER = Buffer.from('5041434b0000000200000002', 'hex')

async function halfReceivedPack(gitDir: string): Promise<WaitingGit> {
  const before = await temporaryPacks(gitDir)
  const receiver = await WaitingGit.start(gitDir, ['index-pack', '--stdin'])
  receiver.write(PACK_HEADER)
  await expect.poll(() => temporaryPacks(gitDir), { timeout: 20_000 }).toHaveLength(before.length + 1)
  return receiver
}

/** gitprotocol-pack(5): one command, a flush, and the beginning of a pack. */
async function halfReceivedPush(gitDir: string, commit: string): Promise<WaitingGit> {
  const receiver = await WaitingGit.start(gitDir, ['-c', 'receive.unpackLimit=1', 'receive-pack', '.'])
  const command = `${'0'.repeat(40)} ${commit} refs/heads/pushed\0 report-status\n`
  const length = (command.length + 4).toString(16).padStart(4, '0')
  receiver.write(`${length}${command}0000`)
  receiver.write(PACK_HEADER)
  await expect.poll(() => incomingFolders(gitDir), { timeout: 20_000 }).toHaveLength(1)
  return receiver
}

async function temporaryPacks(gitDir: string): Promise<string[]> {
  return (await readdir(join(gitDir, 'objects/pack'))).filter((name) => name.startsWith('tmp_pack_'))
}

async function incomingFolders(gitDir: string): Promise<string[]> {
  return (await readdir(join(gitDir, 'objects'))).filter((name) => /^(?:tmp_objdir|incoming)-/.test(name))
}
