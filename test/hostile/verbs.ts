import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { expect } from 'vitest'
import { type HostileStage, KEY, mergeable, VICTIM } from './hostile-stage.js'

/** A verb of the manager, run over an armed workspace, and how it has to end: a report, or an error's code. */
export interface Verb {
  readonly does: (stage: HostileStage) => Promise<unknown>
  readonly ends: string | object
}

/** In this order, each after the one before it; a further verb is one more line. In the end the workspace is back. */
export const VERBS: Readonly<Record<string, Verb>> = {
  'prepare of the same task': { does: (s) => s.prepare(), ends: { reused: true } },
  'prepare of another task': { does: (s) => s.prepare({ taskId: 'new' }), ends: { reused: false } },
  refresh: { does: refreshAfter('upstream-1'), ends: 'NOT_FAST_FORWARD' },
  'refresh by rebase': { does: refreshAfter('upstream-2', 'rebase'), ends: { action: 'updated' } },
  'refresh of another task': { does: (s) => s.manager.refresh(VICTIM), ends: { action: 'updated' } },
  'refresh of changed files': {
    does: async (stage) => {
      await changeEverything(stage)
      return refreshAfter('upstream-3')(stage)
    },
    ends: 'NOT_FAST_FORWARD',
  },
  'refresh by reset': { does: refreshAfter('upstream-4', 'reset'), ends: 'NOT_FAST_FORWARD' },
  'get and list': {
    does: async (s) => [await s.manager.get(KEY), await s.manager.list()],
    ends: [{ key: KEY }, expect.anything()],
  },
  'cleanup that refuses': {
    does: (s) => s.manager.cleanup(KEY, { onUnsavedWork: 'refuse' }),
    ends: 'UNSAVED_WORK',
  },
  'cleanup of another task': {
    does: async (s) => {
      // Then no file can be removed for its branch: git has to write the packed refs anew.
      await s.git('pack-refs', '--all')
      await s.sentinels.clear()
      return s.manager.cleanup({ ...KEY, taskId: 'new' }, { onUnsavedWork: 'refuse' })
    },
    ends: { action: 'removed' },
  },
  sweep: { does: (s) => s.manager.sweep(), ends: { failed: 0 } },
  usage: { does: (s) => s.manager.diskUsage(), ends: { environments: [expect.anything()] } },
  'cleanup that archives': {
    does: (s) => s.manager.cleanup(KEY, { onUnsavedWork: 'archive' }),
    ends: { action: 'removed', archive: { taskId: KEY.taskId } },
  },
  restore: { does: (s) => s.manager.restore(KEY), ends: { key: KEY } },
  'sweep that archives': {
    does: sweepLater,
    ends: {
      failed: 0,
      decisions: expect.arrayContaining([
        expect.objectContaining({ kind: 'workspace', key: KEY, action: 'remove' }),
      ]),
    },
  },
  'list of archives': {
    does: (s) => s.manager.archives(),
    ends: [{ taskId: KEY.taskId }, expect.anything()],
  },
  'restore of what a sweep archived': { does: (s) => s.manager.restore(KEY), ends: { key: KEY } },
  'sweep of old archives': { does: sweepOfArchives, ends: { failed: 0, removed: 2 } },
}

/** With the policy of archiving, which is the default, and after the task has ended. */
async function sweepLater({ root, manager }: HostileStage): Promise<unknown> {
  await manager.finish(KEY, 'succeeded')
  const sweeping = new WorkspaceManager({ root, gitTimeoutMs: 10_000 })
  try {
    return await sweeping.sweep({ now: daysAhead(10) })
  } finally {
    await sweeping.close()
  }
}

async function sweepOfArchives({ manager }: HostileStage): Promise<unknown> {
  return manager.sweep({ now: daysAhead(60) })
}

function daysAhead(days: number): Date {
  return new Date(Date.now() + days * 86_400_000)
}

function refreshAfter(word: string, mode?: 'rebase' | 'reset') {
  return async (stage: HostileStage): Promise<unknown> => {
    await stage.upstream.commit('main', { 'file.smudge': `${word}\n`, 'file.merge': mergeable(word, 'last') })
    return stage.manager.refresh(KEY, mode === undefined ? {} : { mode })
  }
}

const KINDS = ['clean', 'process', 'driver', 'textconv', 'included', 'poisoned']

async function changeEverything({ workspace }: HostileStage): Promise<void> {
  for (const name of ['README.md', ...KINDS.map((kind) => `file.${kind}`)])
    await writeFile(join(workspace.workDir, name), `changed ${name}\n`)
}
