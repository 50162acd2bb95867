import { copyFile, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DoctorFinding, DoctorReport } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { createUpstream } from '../../helpers/upstream.js'
import { agentCommits, agentGit, agentWrites, failureOf, makeStage, type Stage } from '../verbs/stage.js'

/** `check, task, remedy` of what is amiss, and whether that was put right. */
function amiss({ findings }: DoctorReport): string[] {
  const problems = findings.filter(({ level }) => level === 'problem')
  const task = ({ key }: DoctorFinding) => (key && 'taskId' in key ? key.taskId : '-')
  const came = ({ fixed, error }: DoctorFinding) => (error ? ' failed' : fixed ? ' fixed' : '')
  return problems.map((each) => `${each.check} ${task(each)} ${each.remedy}${came(each)}`).sort()
}

async function packsOf({ layout }: Stage): Promise<string[]> {
  const folder = join(layout.mirrorDir, 'objects/pack')
  return (await readdir(folder)).filter((name) => name.endsWith('.pack')).map((name) => join(folder, name))
}

test('objects of a mirror, from its remote, and what only a task had is told', async () => {
  const stage = await makeStage()
  const { manager, upstream, prepare, layout } = stage
  const clone = await prepare()
  const [oldest = ''] = await packsOf(stage)
  await upstream.commit('main', { 'later.txt': 'later\n' })
  await prepare({ taskId: 'task-2' })
  expect(await packsOf(stage)).toHaveLength(2)
  // The tips are in the other pack, and nothing but a walk through the history meets what is gone.
  for (const end of ['pack', 'idx', 'rev']) await rm(oldest.replace(/pack$/, end), { force: true })
  expect(amiss(await manager.doctor({ mode: 'fix' }))).toEqual(['mirror - fix fixed'])
  expect(amiss(await manager.doctor())).toEqual([])
  expect(await agentGit(clone, 'fsck', '--no-dangling')).toBe('')

  // A pack without its content, where a remote is away.
  for (const pack of await packsOf(stage)) await rm(pack)
  const away = join(stage.directory, 'away.git')
  await copyFile(join(upstream.path, 'HEAD'), away)
  await rm(join(upstream.path, 'HEAD'))
  expect(amiss(await manager.doctor({ mode: 'fix' }))).toEqual(['mirror - fix failed'])
  await copyFile(away, join(upstream.path, 'HEAD'))
  expect(amiss(await manager.doctor({ mode: 'fix' }))).toEqual(['mirror - fix fixed'])

  await agentCommits(await prepare({ taskId: 'task-3', strategy: 'worktree' }), 'own.txt')
  await rm(join(layout.mirrorDir, 'objects'), { recursive: true })
  const { findings } = await manager.doctor({ mode: 'fix' })
  expect(findings.find(({ check }) => check === 'mirror')).toMatchObject({
    error: expect.stringMatching(/the remote does not have all that is gone.*agent\/default\/task-3/),
  })
  expect(await agentGit(clone, 'fsck', '--no-dangling')).toBe('')

  const registration = 'workspaces task-3 cleanup'
  await rm(layout.mirrorDir, { recursive: true })
  expect(amiss(await manager.doctor({ mode: 'fix' }))).toEqual(['mirror - fix fixed', registration])
  expect(await agentGit(clone, 'fsck', '--no-dangling')).toBe('')
  // The commit that a task was made from is in no branch of the remote any more.
  await upstream.git('update-ref', 'refs/heads/main', 'main~1')
  await upstream.git('gc', '--quiet', '--prune=now')
  await rm(layout.mirrorDir, { recursive: true })
  expect(amiss(await manager.doctor({ mode: 'fix' }))).toEqual(['mirror - fix failed', registration])
  expect(amiss(await manager.doctor())).toEqual(['workspaces task-2 look', registration])
  expect(await agentGit(clone, 'fsck', '--no-dangling')).toBe('')
}, 60_000)

test('the record of the source, which is told by what was made from it; another source is refused until then', async () => {
  const stage = await makeStage()
  const { directory, manager, layout, prepare, upstream } = stage
  await prepare()
  const other = await createUpstream(join(directory, 'other.git'))
  for (const lose of [() => rm(layout.environmentFile), () => writeFile(layout.environmentFile, '{')]) {
    await lose()
    const error = await failureOf(prepare({ taskId: 'task-2', source: other.url }))
    expect(error).toMatchObject({ code: 'SOURCE_INVALID', data: { existing: upstream.url } })
    expect(amiss(await manager.doctor({ mode: 'fix' }))).toEqual(['workspaces - fix fixed'])
    expect(JSON.parse(await readFile(layout.environmentFile, 'utf8'))).toMatchObject({ source: upstream.url })
  }
  await manager.cleanup({ envId: 'shop', taskId: 'task-1' })
  await rm(layout.environmentFile)
  // Now it is the mirror alone that tells.
  expect((await failureOf(prepare({ source: other.url }))).code).toBe('SOURCE_INVALID')
  expect(amiss(await manager.doctor())).toEqual(['workspaces - prepare'])
  await prepare()
  expect(amiss(await manager.doctor())).toEqual([])
})

test('the repository of a checkout is nothing that comes back: a cleanup saves its files', async () => {
  const { manager, prepare, layout } = await makeStage()
  const { workDir, key } = await prepare()
  await agentWrites(await prepare(), 'work.txt')
  const worktree = await prepare({ taskId: 'task-2', strategy: 'worktree' })
  for (const folder of [workDir, worktree.workDir]) await rm(join(folder, '.git'), { recursive: true })
  const report = await manager.doctor({ mode: 'fix' })
  expect(amiss(report)).toEqual(['mirror task-2 fix fixed', 'workspaces task-1 cleanup'])
  expect(await agentGit(worktree, 'status', '--porcelain')).toBe('')
  const { archive } = await manager.cleanup(key)
  expect(archive?.snapshotCommit).toMatch(/^[0-9a-f]{40}$/)
  expect(amiss(await manager.doctor())).toEqual([])
  const { archivesRepository } = layout
  const refs = join(archivesRepository, 'refs/archives')
  await rename(refs, join(archivesRepository, 'away'))
  expect(amiss(await manager.doctor())).toEqual(['archives - look'])
  await rename(join(archivesRepository, 'away'), refs)
  await rm(join(archivesRepository, 'objects/pack'), { recursive: true })
  expect(amiss(await manager.doctor())).toEqual(['archives - look'])
  expect((await failureOf(manager.restore(key))).code).toBe('WORKSPACE_MISSING')
  await rm(archivesRepository, { recursive: true })
  expect(amiss(await manager.doctor())).toEqual(['archives - look'])
})

test('an archive is whole whose history ends where that of its source did; what is gone before that is told', async () => {
  const { directory, manager, upstream, prepare, layout } = await makeStage()
  for (const name of ['two', 'three']) await upstream.commit('main', { [name]: name })
  const source = join(directory, 'shallow')
  await git(directory, 'clone', '--quiet', '--depth=2', upstream.url, source)
  const workspace = await prepare({ source, strategy: 'clone' })
  const commit = await agentCommits(workspace, 'own.txt')
  await manager.cleanup(workspace.key, { onUnsavedWork: 'archive' })
  expect(amiss(await manager.doctor())).toEqual([])

  const [archive] = await manager.archives()
  const head = join(layout.archivesRepository, 'refs/archives', `${archive?.archiveId}`, 'head')
  expect(await readFile(head, 'utf8')).toBe(`${commit}\n`)
  await writeFile(head, `${'1'.repeat(40)}\n`)
  expect(amiss(await manager.doctor())).toEqual(['archives - look'])
  await writeFile(head, `${commit}\n`)
  expect(await agentGit(await manager.restore(workspace.key), 'rev-list', '--count', 'HEAD')).toBe('3')
})

test('a mirror comes back where the HEAD of another workspace says nothing', async () => {
  const { manager, prepare, layout } = await makeStage()
  const clone = await prepare()
  const odd = await prepare({ taskId: 'task-2', objects: 'own' })
  await writeFile(join(odd.workDir, '.git/HEAD'), 'ref: elsewhere\n')
  await rm(layout.mirrorDir, { recursive: true })
  expect(amiss(await manager.doctor({ mode: 'fix' }))).toEqual([
    'mirror - fix fixed',
    'workspaces task-2 look',
  ])
  expect(await agentGit(clone, 'fsck', '--no-dangling')).toBe('')
})
