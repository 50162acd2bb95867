import { createHash } from 'node:crypto'
import type { Stats } from 'node:fs'
import { lstat, mkdir, readdir, readFile, readlink } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { readRefs } from '../../src/git/agent-git-dir.js'
import { emptiedTrash } from '../helpers/emptied-trash.js'

/** One line of facts for each path below `managed-repos`, without what differs from one life to the next. */
export type RootSnapshot = ReadonlyMap<string, string>

const ENVIRONMENT = 'shop'
const MIRROR = `${ENVIRONMENT}/.git-task/mirror.git`
const MIRROR_REFS = 'the refs of the mirror'

/** Times, owners and everything that names one run. */
const CHANGING_FIELDS = ['createdAt', 'updatedAt', 'finishedAt', 'fetchedAt', 'owner']

/** The log. */
const IGNORED = /^shop\/\.git-task\/audit\.jsonl/

/** Compared by name and mode alone: files that hold times, or that another comparison covers. */
const OPAQUE = [
  /^shop\/\.git-task\/upstream-(?:tips|cuts)$/,
  /^shop\/\.git-task\/indexes\//,
  /^shop\/\.git-task\/mirror\.git\/git-task-state\.json$/,
  /^shop\/\.git-task\/mirror\.git\/worktrees\/[^/]+\/(index|logs\/.*)$/,
  /^shop\/tasks\/[^/]+\/workdir\/\.git\/(index|packed-refs|logs\/.*)$/,
]

/** What only grows in the mirror: of this only what should never stay there is compared. */
const GROWING = /^shop\/\.git-task\/mirror\.git\/(objects|refs|logs|packed-refs)/
const ARCHIVES = /^shop\/\.git-task\/archives(\.git)?(\/|$)/
/** What says that there is one, or was: all else is there before the first. */
const OF_AN_ARCHIVE = /\/archives\/.|\/archives\.git\/(objects\/.*\.|objects\/..\/|refs\/.*\/.)/
const UNFINISHED = /\.lock$|\/tmp_|\.tmp-|\/\.tmp|incoming/

/** Records what is below a root so that it looks the same whenever the same tasks are in it. */
export async function snapshotRoot(root: string): Promise<RootSnapshot> {
  const snapshot = new Map<string, string>()
  const directory = join(root, 'managed-repos')
  await mkdir(directory, { recursive: true })
  await emptiedTrash(join(directory, ENVIRONMENT, '.git-task/trash'))
  await visit(directory, '', snapshot)
  if (snapshot.has(MIRROR)) snapshot.set(MIRROR_REFS, await refsOf(join(directory, MIRROR)))
  return snapshot
}

/** The part of a snapshot that is one task's folder. */
export function partOf(snapshot: RootSnapshot, taskId: string): RootSnapshot {
  const folder = `${ENVIRONMENT}/tasks/${taskId}`
  return new Map([...snapshot].filter(([path]) => path === folder || path.startsWith(`${folder}/`)))
}

/** The part of a snapshot that has nothing to do with these tasks. */
export function withoutSessions(snapshot: RootSnapshot, taskIds: readonly string[]): RootSnapshot {
  if (taskIds.length === 0) return snapshot
  const folders = taskIds.flatMap((taskId) => [
    `${ENVIRONMENT}/tasks/${taskId}`,
    `${ENVIRONMENT}/.git-task/sessions/${taskId}.json`,
    `${ENVIRONMENT}/.git-task/indexes/${taskId}.index`,
  ])
  const isTheirs = (path: string) =>
    path === MIRROR_REFS ||
    path.startsWith(`${MIRROR}/worktrees`) ||
    folders.some((folder) => path === folder || path.startsWith(`${folder}/`))
  return new Map([...snapshot].filter(([path]) => !isTheirs(path)))
}

/** The part of a snapshot that is no archive, nor the repository of all of them. */
export function withoutArchives(snapshot: RootSnapshot): RootSnapshot {
  return new Map([...snapshot].filter(([path]) => !ARCHIVES.test(path) || UNFINISHED.test(path)))
}

/** The same, but for what is left of an archive that has been deleted. */
export function withoutEmptyArchives(snapshot: RootSnapshot): RootSnapshot {
  return new Map(
    [...snapshot].filter(
      ([path]) => !ARCHIVES.test(path) || UNFINISHED.test(path) || OF_AN_ARCHIVE.test(path),
    ),
  )
}

/** What one snapshot has and another has not, in words. */
export function differences(expected: RootSnapshot, found: RootSnapshot): string[] {
  const missing = [...expected.keys()].filter((path) => !found.has(path)).map((path) => `missing: ${path}`)
  const others = [...found].flatMap(([path, facts]) => {
    const wanted = expected.get(path)
    if (wanted === undefined) return [`left: ${path}`]
    return wanted === facts ? [] : [`changed: ${path} (${facts} instead of ${wanted})`]
  })
  return [...others, ...missing]
}

async function visit(directory: string, folder: string, into: Map<string, string>): Promise<void> {
  const names = (await readdir(join(directory, folder))).sort()
  for (const name of names) {
    const path = posix.join(folder, name)
    if (IGNORED.test(path)) continue
    const stats = await lstat(join(directory, path))
    if (!GROWING.test(path) || UNFINISHED.test(path))
      into.set(path, await describe(join(directory, path), path, stats))
    if (stats.isDirectory()) await visit(directory, path, into)
  }
}

async function describe(file: string, path: string, stats: Stats): Promise<string> {
  const mode = (stats.mode & 0o7777).toString(8)
  if (stats.isDirectory()) return `directory ${mode}`
  if (OPAQUE.some((pattern) => pattern.test(path))) return `file ${mode}`
  if (stats.isSymbolicLink()) return `link ${await readlink(file)}`
  const text = await readFile(file, 'latin1')
  return `file ${mode} ${hashOf(path.endsWith('.json') ? withoutChangingFields(text) : text)}`
}

function withoutChangingFields(text: string): string {
  try {
    return JSON.stringify(
      JSON.parse(text, (name, value) => (CHANGING_FIELDS.includes(name) ? undefined : value)),
    )
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('hex').slice(0, 12)
}

/** Without branches that agents have made in the upstream. Read as files, since a git for each look would be slow. */
async function refsOf(mirror: string): Promise<string> {
  const refs = await readRefs({ gitDir: mirror, commonDir: mirror }, ['refs/'])
  const lasting = [...refs].filter(([ref]) => !/^refs\/remotes\/origin\/(saved|agent)\//.test(ref))
  return lasting
    .map(([ref, commit]) => `${ref} ${commit}`)
    .sort()
    .join(', ')
}
