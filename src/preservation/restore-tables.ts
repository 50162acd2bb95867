import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError } from '../errors/workspace-error.js'
import { type AgentGitDir, readAgentHead } from '../git/agent-git-dir.js'
import type { Git } from '../git/git.js'
import { refStorageOf } from '../git/ref-storage.js'
import type { OpenArchive } from './restore-archive.js'
import type { RefsRequest } from './restore-refs.js'

/** What a worktree of a repository that stores its refs in tables has for itself. */
export const TABLES = 'reftable'

/**
 * Refuses a repository that stores its refs otherwise than the one that the archive is of: HEAD and reflogs of a
 * worktree are archived as they were stored.
 *
 * @throws InputError SOURCE_INVALID
 */
export async function refuseOtherStorage({ manifest }: OpenArchive, commonDir: string): Promise<void> {
  if (!manifest.special.some(({ place }) => place === 'git dir')) return
  const archived = hasTables(manifest) ? 'reftable' : 'files'
  const refStorage = await refStorageOf(commonDir)
  if (refStorage === archived) return
  throw new InputError('SOURCE_INVALID', 'the repository stores its refs otherwise than the archived one', {
    data: { field: 'source', refStorage, archived },
    hint: `Migrate it with \`git refs migrate --ref-format=${archived}\`, or take the archive's refs by hand.`,
  })
}

/** The tables of a new worktree make room for those of the archived one. */
export async function removeOwnTables({ manifest }: OpenArchive, { gitDir }: AgentGitDir): Promise<void> {
  if (hasTables(manifest)) await rm(join(gitDir, TABLES), { recursive: true, force: true })
}

/** HEAD as it was archived names the task's branch as it was called. */
export async function renameHeadInTables(
  git: Git,
  { manifest }: OpenArchive,
  { agent, place, branch, signal }: RefsRequest,
): Promise<void> {
  if (!hasTables(manifest) || branch === undefined || branch.from === branch.to) return
  if ((await readAgentHead(agent)).branch !== branch.from) return
  await git.run({ args: ['symbolic-ref', 'HEAD', `refs/heads/${branch.to}`], ...place, signal })
}

function hasTables({ special }: OpenArchive['manifest']): boolean {
  return special.some(({ place, name }) => place === 'git dir' && name === `${TABLES}/tables.list`)
}
