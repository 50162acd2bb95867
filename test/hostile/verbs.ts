import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type HostileStage, KEY, mergeable, VICTIM } from './hostile-stage.js'

/** A verb of the manager, run over an armed workspace, and how it has to end: a report, or an error's code. */
export interface Verb {
  readonly does: (stage: HostileStage) => Promise<unknown>
  readonly ends: string | object
}

/** In this order, each after the one before it; a further verb is one more line. Nothing of the workspace is removed. */
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
    does: (s) => s.manager.cleanup({ ...KEY, taskId: 'new' }, { onUnsavedWork: 'refuse' }),
    ends: { action: 'removed' },
  },
  sweep: { does: (s) => s.manager.sweep(), ends: { failed: 0 } },
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
