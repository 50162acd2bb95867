import type { Workspace } from 'git-task-isolation'
import { expect } from 'vitest'
import { agentGit } from '../verbs/stage.js'

/** What an agent does, and the parts of the report that have to tell it; the others have to be empty. */
export interface Kind {
  readonly does: (workspace: Workspace) => Promise<unknown>
  readonly found: Found
  /** Why it can only be done in a clone. */
  readonly only?: 'clone'
}

export interface Found {
  readonly commits?: number
  readonly staged?: readonly string[]
  readonly unstaged?: readonly string[]
  readonly untracked?: readonly string[]
  readonly stashes?: number
  readonly tags?: readonly string[]
  readonly inProgress?: readonly string[]
  readonly nested?: readonly string[]
}

/** What the upstream has, and every kind of work may count on. */
export const FILES = { 'README.md': 'one\n', 'docs/guide.md': 'guide\n', '.gitignore': '*.log\n' }

/** The control: plain git says that there is nothing. */
export async function seesNothing(workspace: Workspace): Promise<void> {
  expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
}
