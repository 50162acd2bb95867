import { join } from 'node:path'
import { WorkspaceManager, type WorkspaceManagerOptions } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { type LooseRequest, loosely, refusal, refusedRequest } from './refusal.js'

const key = { envId: 'shop', taskId: 'task' }
const unknown: object = { colour: 'blue' }

const calls: Readonly<Record<string, (manager: WorkspaceManager) => unknown>> = {
  prepare: (manager) => manager.prepare(loosely({ ...key, ...unknown })),
  get: (manager) => manager.get(key, unknown),
  list: (manager) => manager.list(unknown),
  refresh: (manager) => manager.refresh(key, unknown),
  finish: (manager) => manager.finish(key, 'succeeded', unknown),
  cleanup: (manager) => manager.cleanup(key, unknown),
  cleanupAll: (manager) => manager.cleanupAll('shop', unknown),
  withLock: (manager) => manager.withLock('shop', () => Promise.resolve(), unknown),
}

test.each(Object.keys(calls))('%s names it and makes nothing', async (name) => {
  const directory = await temporaryDirectory()
  const manager = new WorkspaceManager({ root: join(directory, 'root') })
  const error = await refusal(() => calls[name]?.(manager))
  expect(error.toJSON()).toMatchObject({ code: 'OPTIONS_INVALID', data: { field: 'colour' } })
  expect(error.message).toContain('colour')
  expect(await snapshotTree(directory)).toEqual({})
})

const managerOptions: readonly (readonly [string, object])[] = [
  ['colour', unknown],
  ['freshness.colour', { freshness: { mode: 'prefer', ...unknown } }],
  ['retention.colour', { retention: unknown }],
]

test.each(managerOptions)('the constructor names %s', async (field, options) => {
  const error = await refusal(() => new WorkspaceManager(options as WorkspaceManagerOptions))
  expect(error.toJSON()).toMatchObject({ code: 'OPTIONS_INVALID', data: { field } })
  expect(error.message).toContain(field)
})

const nested: readonly (readonly [string, LooseRequest])[] = [
  ['source.colour', { source: { url: 'https://example.org/shop.git', ...unknown } }],
  ['source.colour', { source: { path: '/srv/shop', ...unknown } }],
  ['freshness.colour', { freshness: { mode: 'offline', ...unknown } }],
  ['context.colour', { context: unknown }],
  ['identity.colour', { identity: { name: 'A', email: 'a@example.org', ...unknown } }],
  ['credentials.colour', { credentials: { token: 't', host: 'example.org', ...unknown } }],
]

test.each(nested)('prepare names %s inside its own options', async (field, options) => {
  const error = await refusedRequest({ ...key, ...options })
  expect(error.data['field']).toBe(field)
  expect(error.message).toContain('colour')
})

const wrong: readonly (readonly [string, LooseRequest])[] = [
  ['strategy', { strategy: 5 }],
  ['onBranchTaken', { onBranchTaken: 'overwrite' }],
  ['ifExists', { ifExists: 'delete' }],
  ['onGitFailure', { onGitFailure: 'ignore' }],
  ['freshness.mode', { freshness: { mode: 'never' } }],
  ['freshness.maxAgeMs', { freshness: { mode: 'prefer', maxAgeMs: -1 } }],
  ['metadata.ticket', { metadata: { ticket: 5 } }],
  ['signal', { signal: {} }],
  ['onProgress', { onProgress: 'yes' }],
  ['agentName', { agentName: '' }],
]

test.each(wrong)('a value that %s cannot have is refused with its name', async (field, options) => {
  const error = await refusedRequest({ ...key, ...options })
  expect(error.toJSON()).toMatchObject({ code: 'OPTIONS_INVALID', data: { field } })
})
