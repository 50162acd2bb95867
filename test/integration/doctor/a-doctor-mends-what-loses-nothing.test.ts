import { appendFile, chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DoctorFinding } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { agentWrites, type Stage } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

async function write(file: string, text: string): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true })
  await writeFile(file, text)
}

/** One of everything that can be amiss in an environment. */
async function damage(stage: Stage): Promise<void> {
  const { layout } = stage
  await agentWrites(await stage.prepare({ strategy: 'worktree' }), 'work.txt')
  await stage.prepare({ taskId: 'emptied', source: undefined })
  await rm(join(layout.tasksDir, 'emptied/workdir'), { recursive: true })
  await chmod(layout.managerDir, 0o755)
  await write(join(layout.mirrorDir, 'hooks/post-fetch'), '#!/bin/sh\n')
  await appendFile(join(layout.mirrorDir, 'config'), '[core]\n\tfsmonitor = evil\n')
  await writeFile(join(layout.tasksDir, 'task-1/workdir/.git'), 'gitdir: /elsewhere\n')
  await mkdir(join(layout.trashDir, 'gone'), { recursive: true })
  await write(join(layout.tasksDir, 'lost/workdir/file'), 'it may be work\n')
  await writeFile(join(layout.sessionsDir, 'torn.json'), '{')
}

/** A record that cannot be read is warned of whenever it is met, and the log tells of that. */
const BUT_THE_LOG = { ignore: ['managed-repos/shop/.git-task/audit.jsonl'] }

/** `check, task, remedy` of what is amiss. */
function amiss(findings: readonly DoctorFinding[]): string[] {
  const problems = findings.filter(({ level, fixed }) => level === 'problem' && !fixed)
  const task = ({ key }: DoctorFinding) => (key && 'taskId' in key ? key.taskId : '-')
  return problems.map((finding) => `${finding.check} ${task(finding)} ${finding.remedy}`).sort()
}

const FOR_A_PERSON = ['orphans lost sweep', 'workspaces emptied cleanup']
const FOR_THE_DOCTOR = [
  'leftovers gone fix',
  'mirror - fix',
  'mirror - fix',
  'mirror task-1 fix',
  'permissions - fix',
  'workspaces torn fix',
]

test('a look finds what is amiss and changes nothing; a fix mends it, and touches no work', async () => {
  const stage = await makeWarmStage()
  const { manager, layout } = stage
  await damage(stage)
  const before = await snapshotTree(stage.root, BUT_THE_LOG)
  const looked = await manager.doctor()
  expect(amiss(looked.findings)).toEqual([...FOR_THE_DOCTOR, ...FOR_A_PERSON].sort())
  expect(looked).toMatchObject({ problems: 8, fixed: 0 })
  expect(await snapshotTree(stage.root, BUT_THE_LOG)).toEqual(before)

  const mended = await manager.doctor({ mode: 'fix' })
  expect(amiss(mended.findings)).toEqual(FOR_A_PERSON)
  expect(mended).toMatchObject({ problems: 2, fixed: 6 })
  expect(mended.findings.filter(({ fixed, level }) => fixed && level !== 'problem')).toEqual([])
  expect(await readFile(join(layout.tasksDir, 'task-1/workdir/work.txt'), 'utf8')).toBe('work.txt\n')
  expect(await git(join(layout.tasksDir, 'task-1/workdir'), 'status', '--porcelain')).toBe('?? work.txt')
  expect(await readFile(join(layout.tasksDir, 'lost/workdir/file'), 'utf8')).toBe('it may be work\n')
  const aside = (await readdir(layout.sessionsDir)).filter((name) => name.startsWith('torn.json.unreadable-'))
  expect(await readFile(join(layout.sessionsDir, `${aside[0]}`), 'utf8')).toBe('{')

  await manager.cleanup({ envId: 'shop', taskId: 'emptied' })
  expect(amiss((await manager.doctor()).findings)).toEqual(['orphans lost sweep'])
})

test('an environment as it should be has no problem, whatever is old in it or too much', async () => {
  const retention = { maxAgeDays: 0, archiveMaxAgeDays: 0, maxTotalBytes: 1, keepFailed: false }
  const stage = await makeWarmStage({ retention, onUnsavedWork: 'discard' })
  await agentWrites(await stage.prepare(), 'work.txt')
  await stage.manager.cleanup({ envId: 'shop', taskId: 'task-1' }, { onUnsavedWork: 'archive' })
  await (await stage.prepare({ taskId: 'task-2', strategy: 'worktree' })).finish('succeeded')
  const { findings, problems } = await stage.manager.doctor({ mode: 'fix' })
  expect(findings.filter(({ level }) => level !== 'ok')).toEqual([])
  expect(problems).toBe(0)
  expect(findings.map(({ check }) => check)).toEqual([
    'git',
    'root',
    'permissions',
    'file-system',
    'free-space',
  ])
  expect(await stage.manager.archives()).toHaveLength(1)
  expect(await stage.manager.list()).toHaveLength(1)
})

test('work in what a killed process left is archived, although cleanups discard it', async () => {
  const stage = await makeWarmStage({ onUnsavedWork: 'discard' })
  await agentWrites(await stage.prepare(), 'work.txt')
  // A removal that never began to move anything, by an owner that is gone.
  const file = join(stage.layout.sessionsDir, 'task-1.json')
  const record = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify({ ...record, state: 'removing' }))
  await stage.manager.doctor({ mode: 'fix' })
  expect(await stage.manager.list()).toEqual([])
  expect(await stage.manager.archives()).toHaveLength(1)
})
