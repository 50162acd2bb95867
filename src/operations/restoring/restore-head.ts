import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hasErrorCode } from '../../errors/workspace-error.js'
import { writeFileAtomic } from '../../fs/atomic-write.js'
import { bytesOfText, textOfBytes } from '../../fs/byte-names.js'
import { readRef } from '../../git/agent-git-dir.js'
import { readPlain } from '../../git/plain-files.js'
import { usersOfBranch } from '../../git/worktree-list.js'
import type { OpenArchive } from '../../preservation/restore-archive.js'
import type { RefsRequest, RestoredRef } from '../../preservation/restore-refs.js'

/** What git remembers of the branch that an unfinished operation began on: by its full name, or by its short one. */
const BEGUN_ON = ['rebase-merge/head-name', 'rebase-apply/head-name', 'BISECT_START'] as const

const MAX_BYTES = 64 * 1024

interface HeadRequest extends RefsRequest {
  readonly written: readonly RestoredRef[]
}

/**
 * Has HEAD, and whatever was begun and not ended, follow the task's branch to the name that it has now. HEAD is
 * detached at the archived commit where its branch is not what it was: git refuses it, or somebody else has it by now
 * in a repository that others use too.
 *
 * @returns what a person should know of it.
 */
export async function restoreHead(
  { record, manifest }: Pick<OpenArchive, 'record' | 'manifest'>,
  request: HeadRequest,
): Promise<string[]> {
  const { gitDir } = request.agent
  // Symbolic refs are among the files; names there have a character for each byte.
  const symbolic = manifest.special.flatMap(({ place, name }) =>
    place === 'git dir' && name.startsWith('refs/') ? [textOfBytes(Buffer.from(name, 'latin1'))] : [],
  )
  for (const name of [...BEGUN_ON, ...symbolic]) await follow(join(gitDir, name), request)
  const file = join(gitDir, 'HEAD')
  await follow(file, request)
  const content = (await readPlain(file, MAX_BYTES)) ?? ''
  const ref = /^ref: (.+)\n?$/.exec(content)?.[1]
  const { headCommit } = record
  const problem = ref === undefined ? undefined : await problemOf(ref, headCommit, request)
  const isDetached = problem !== undefined && headCommit !== undefined
  if (isDetached) await writeFileAtomic(file, `${headCommit}\n`, { mode: 0o644 })
  return isDetached ? [`HEAD is detached at ${headCommit}, since ${problem}`] : []
}

async function follow(file: string, request: HeadRequest): Promise<void> {
  const content = await readShort(file)
  const moved = content === undefined ? undefined : renamed(content, request)
  if (moved !== undefined && moved !== content)
    await writeFileAtomic(file, bytesOfText(moved), { mode: 0o644 })
}

/** Undefined for what names no branch, being too large for it: it comes back as it was. */
async function readShort(file: string): Promise<string | undefined> {
  try {
    return await readPlain(file, MAX_BYTES)
  } catch (error) {
    if (hasErrorCode(error, 'TAMPERED')) return undefined
    throw error
  }
}

function renamed(content: string, { branch }: HeadRequest): string {
  if (branch === undefined) return content
  const forms = ['ref: refs/heads/', 'refs/heads/', '']
  const form = forms.find((prefix) => content.trim() === `${prefix}${branch.from}`)
  return form === undefined ? content : `${form}${branch.to}\n`
}

async function problemOf(
  ref: string,
  headCommit: string | undefined,
  { agent, refs, branch, written }: HeadRequest,
): Promise<string | undefined> {
  if (written.some((one) => one.ref === ref && one.elsewhere !== undefined))
    return `git refuses the name ${JSON.stringify(ref)}`
  if (refs === 'own' || ref === `refs/heads/${branch?.to}`) return undefined
  const { gitDir, commonDir } = agent
  const at = await readRef({ gitDir: commonDir, commonDir }, ref)
  if (at !== undefined && at !== headCommit) return `${ref} has gone on to ${at}`
  const own = dirname((await readPlain(join(gitDir, 'gitdir'), MAX_BYTES))?.trim() ?? '')
  const branchName = /^refs\/heads\/(.+)$/.exec(ref)?.[1] ?? ref
  const users = await usersOfBranch(await realpath(commonDir), branchName)
  const others = users.filter((workDir) => workDir !== own)
  return others.length === 0 ? undefined : `${ref} is checked out at ${others.join(', ')}`
}
