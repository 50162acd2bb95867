import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { expect, onTestFinished, test } from 'vitest'
import { namesIn } from '../../../src/fs/presence.js'
import { environmentLayout } from '../../../src/model/layout.js'
import { createUpstream } from '../../helpers/upstream.js'
import { failureOf } from '../verbs/stage.js'
import { CHECKOUTS, createCrashStage } from './crash-stage.js'

const KEY = { envId: 'shop', taskId: 'other' } as const
const NEWER = '{"formatVersion": 99, "source": "x", "createdAt": "2026-01-01T00:00:00Z"}'
const worktree = CHECKOUTS[1]

async function spoilt(content: string, kind: (typeof CHECKOUTS)[number] = worktree) {
  const stage = await createCrashStage(kind)
  const workspace = await stage.manager.prepare({ ...KEY, source: stage.source, strategy: kind.strategy })
  await stage.crash({ verb: 'prepare', operation: 'prepare', step: 'ready' })
  const { environmentFile, managerDir } = environmentLayout(stage.root, KEY.envId)
  await writeFile(environmentFile, content)
  const manager = new WorkspaceManager({ root: stage.root })
  onTestFinished(() => manager.close())
  const warnings: string[] = []
  manager.on('warning', ({ code, message }) => warnings.push(`${code} ${message}`))
  const aside = async () => (await namesIn(managerDir)).filter((name) => name.includes('.unreadable-'))
  const again = (source = stage.source) =>
    manager.prepare({ ...KEY, taskId: 'third', source, strategy: kind.strategy })
  return { ...stage, manager, workspace, environmentFile, managerDir, warnings, aside, again }
}

test.each(CHECKOUTS.slice(0, 3))('torn: a prepare that names the source binds it anew (%s)', async (kind) => {
  const { again, aside, managerDir, environmentFile, warnings } = await spoilt('{"formatVersion":1,', kind)
  expect((await again()).reused).toBe(false)
  const [name = ''] = await aside()
  expect(await readFile(join(managerDir, name), 'utf8')).toBe('{"formatVersion":1,')
  expect(JSON.parse(await readFile(environmentFile, 'utf8'))).toMatchObject({ formatVersion: 1 })
  expect(warnings.join('\n')).toContain('cannot be read and was set aside')
})

test('torn: many that name it at once set one aside, and no good one', async () => {
  const { manager, source, aside } = await spoilt('')
  const ids = ['a', 'b', 'c', 'd']
  await Promise.all(ids.map((taskId) => manager.prepare({ envId: 'shop', taskId, source })))
  expect(await aside()).toHaveLength(1)
})

test.each([true, false])('torn: another source is refused all the same (sessions left: %s)', async (left) => {
  const { root, again, manager, aside } = await spoilt('')
  const other = await createUpstream(join(root, '..', 'other.git'))
  if (!left) await manager.cleanupAll('shop')
  expect((await failureOf(again(other.url))).code).toBe('SOURCE_INVALID')
  expect(await aside()).toEqual([])
})

test.each(['', NEWER])('a sweep recovers what there is (%j), and a cleanup removes it', async (content) => {
  const { manager, workspace, warnings, environmentFile } = await spoilt(content)
  const { decisions, failed } = await manager.sweep()
  expect(failed).toBe(0)
  expect(decisions).toContainEqual(
    expect.objectContaining({ action: 'remove', key: { envId: 'shop', taskId: 'task' } }),
  )
  expect(warnings.join('\n')).toContain('RECORD_CORRUPT')
  expect(await manager.cleanup(workspace.key)).toMatchObject({ action: 'removed' })
  expect(await manager.cleanup(workspace.key)).toMatchObject({ action: 'absent' })
  expect(await readFile(environmentFile, 'utf8')).toBe(content)
})

test('of a newer format: a prepare is refused, and it is left alone', async () => {
  const { again, environmentFile } = await spoilt(NEWER)
  const { code, message } = await failureOf(again())
  expect(code).toBe('RECORD_CORRUPT')
  expect(message).toContain('newer version')
  expect(await readFile(environmentFile, 'utf8')).toBe(NEWER)
})
