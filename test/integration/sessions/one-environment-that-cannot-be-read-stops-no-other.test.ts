import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { isPresent } from '../../../src/fs/presence.js'
import { ENVIRONMENT_FORMAT } from '../../../src/model/environment-record.js'
import { environmentLayout } from '../../../src/model/layout.js'
import { FORGED_TOKEN } from '../../unit/fs/forged-lock.js'
import { failureOf, type Stage } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

let stage: Stage
let trash: string
beforeEach(async () => {
  stage = await makeWarmStage()
  await stage.prepare()
  await stage.prepare({ envId: 'zoo' })
  trash = join(environmentLayout(stage.root, 'zoo').trashDir, 'task-9')
  await mkdir(trash, { recursive: true })
})

async function replaceLocks(): Promise<string> {
  const { locksDir } = stage.layout
  await rm(locksDir, { recursive: true, force: true })
  await writeFile(locksDir, '')
  return locksDir
}

test('a file in the place of its locks is one decision that names it, and the others are swept', async () => {
  const path = await replaceLocks()
  const { decisions, failed } = await stage.manager.sweep()
  const ours = decisions.filter((decision) => decision.path === stage.layout.directory)
  expect(ours).toMatchObject([{ kind: 'workspace', action: 'keep', attention: 'needed' }])
  expect(ours[0]?.error).toContain(path)
  expect(ours[0]?.error).toContain('not a directory')
  expect(failed).toBe(1)
  expect(await isPresent(trash)).toBe(false)
})

test.each([
  ['torn', '{"formatVersion"', 'cannot be read'],
  ['of a newer version', JSON.stringify({ formatVersion: ENVIRONMENT_FORMAT + 1 }), 'newer version'],
])(
  'an environment.json that is %s is named, and the environment is swept all the same',
  async (_, text, why) => {
    const path = stage.layout.environmentFile
    await writeFile(path, text)
    await mkdir(join(stage.layout.trashDir, 'task-9'), { recursive: true })
    const { decisions, failed } = await stage.manager.sweep()
    const ours = decisions.filter((decision) => decision.path === path)
    expect(ours).toMatchObject([
      { action: 'keep', attention: 'needed', reason: expect.stringContaining(why) },
    ])
    expect(failed).toBe(0)
    expect(await isPresent(join(stage.layout.trashDir, 'task-9'))).toBe(false)
    expect(await isPresent(trash)).toBe(false)
  },
)

test('what is no lock stops neither a sweep nor the verbs of other tasks', async () => {
  const { locksDir } = stage.layout
  await writeFile(join(locksDir, `session-task-7.lock.${FORGED_TOKEN}.claim`), '')
  await mkdir(join(locksDir, 'session-task-8.lock', `holder-${FORGED_TOKEN}.json`), { recursive: true })
  const { failed } = await stage.manager.sweep()
  expect(failed).toBe(0)
  expect(await isPresent(trash)).toBe(false)
  await (await stage.prepare({ taskId: 'task-2' })).cleanup()
})

test.runIf(process.platform !== 'win32')(
  'a lock that cannot be taken is the error of what it is about, and the next thing goes',
  async () => {
    const { trashDir, locksDir } = environmentLayout(stage.root, 'zoo')
    const first = join(trashDir, 'task-8')
    await mkdir(first)
    await symlink('session-task-8.lock', join(locksDir, 'session-task-8.lock'))
    const { decisions, failed } = await stage.manager.sweep()
    expect(decisions.find(({ path }) => path === first)?.error).toContain('TAMPERED')
    expect(failed).toBe(1)
    expect([await isPresent(first), await isPresent(trash)]).toEqual([true, false])
  },
)

test('a sweep that is aborted ends', async () => {
  const controller = new AbortController()
  stage.manager.on('sweep.completed', () => controller.abort())
  const { code } = await failureOf(stage.manager.sweep({ signal: controller.signal }))
  expect(code).toBe('ABORTED')
  expect(await isPresent(trash)).toBe(true)
})

test('a mirror whose memory is torn is fetched anew', async () => {
  await writeFile(join(stage.layout.mirrorDir, 'git-task-state.json'), '{"fetchedAt": "20')
  const workspace = await stage.prepare({ taskId: 'task-2' })
  expect(await isPresent(workspace.workDir)).toBe(true)
  await workspace.cleanup()
})
