import { join } from 'node:path'
import { IntegrityError } from '../errors/workspace-error.js'
import { inTurns } from '../fs/in-turns.js'
import { type EntryKind, entriesIn, kindOf, kindsOf, namesIn } from '../fs/presence.js'
import { SettledMemory } from '../fs/settled-memory.js'
import { settledStamp } from '../fs/settled-stamp.js'
import { deleteTree } from '../fs/trash.js'
import type { Git } from '../git/git.js'
import { redact } from '../git/redaction.js'
import { type ConfigCheck, checkConfig, isWorktreeConfigStrange } from './config-check.js'
import { removeForgedCuts } from './forged-cuts.js'
import { PACKED_REFS, removeOddPlaces } from './odd-places.js'
import { removeOddRefs } from './odd-refs.js'
import { ownText, replaceOwn } from './own-file.js'
import type { Tampering } from './tampering.js'

/** No task checks this out; `createMirror` writes it. */
const MIRROR_HEAD = 'ref: refs/heads/git-task-isolation/none\n'

/**
 * What git obeys, or is led away by, and no mirror of ours has: hooks, attributes that name programs, grafts that
 * rewrite history, objects from elsewhere, remotes in the form of files (gitrepository-layout(5)), refs in tables.
 */
const FOREIGN = [
  'hooks',
  'branches',
  'remotes',
  'commondir',
  'reftable',
  'info/attributes',
  'info/grafts',
  'info/sparse-checkout',
  'objects/info/alternates',
  'objects/info/http-alternates',
] as const

/**
 * What must be of its kind, so that no link leads elsewhere, and holds what only tasks have: it is not just taken
 * away.
 */
const KINDS: Readonly<Record<string, EntryKind>> = {
  objects: 'directory',
  'objects/pack': 'directory',
  refs: 'directory',
  'refs/heads': 'directory',
  logs: 'directory',
  'logs/refs': 'directory',
  'logs/refs/heads': 'directory',
  worktrees: 'directory',
}

/**
 * Looks whether agents have changed what they share with the manager in a mirror, and puts it right: its
 * configuration, hooks, attributes, grafts, alternates and HEAD. A few looks at the disk, and no process where
 * all is well. An agent that changes it again between this and a git's start is not kept from it.
 *
 * With the mode `look` all of it is left as it is.
 *
 * @returns what was found; each is worth a warning with the code TAMPERED, and no reason to stop.
 * @throws IntegrityError TAMPERED where a part is a link or a file that cannot be put right without losing work.
 */
export async function repairMirror(git: Git, check: ConfigCheck): Promise<Tampering[]> {
  const { mirrorDir, mode } = check
  await assertKinds(mirrorDir, KINDS)
  const found: Tampering[] = [...(await removeOddPlaces(mirrorDir, mode))]
  for (const name of await foreignIn(mirrorDir)) {
    const path = join(mirrorDir, name)
    if (mode !== 'look') await deleteTree(path)
    found.push({ path, problem: `the mirror had ${name}, which the manager never makes` })
  }
  found.push(...(await removeOddRegistrations(mirrorDir, mode)))
  found.push(...(await removeOddObjects(mirrorDir, mode)))
  found.push(...(await removeOddRefs(mirrorDir, mode)))
  const own = join(mirrorDir, 'config.worktree')
  if (await isWorktreeConfigStrange(git, own, check.signal)) {
    // An agent's `git sparse-checkout` moves `core.bare` there, so that it must not just go.
    if (mode !== 'look') await replaceOwn(own, '[core]\n\tbare = true\n', 0o644)
    found.push({ path: own, problem: 'the mirror had a second configuration' })
  }
  const keys = await checkConfig(git, check)
  const config = join(mirrorDir, 'config')
  if (keys.length > 0)
    found.push({
      path: config,
      problem: `the mirror's configuration had other ${redact(keys.slice(0, 20).join(', '), [])}`,
    })
  if (await restoreFile(join(mirrorDir, 'HEAD'), MIRROR_HEAD, mode))
    found.push({ path: join(mirrorDir, 'HEAD'), problem: "the mirror's HEAD was another" })
  found.push(...(await removeForgedCuts(git, check)))
  return found
}

export interface RegistrationCheck {
  /** The repository that the worktree is registered in. */
  readonly gitDir: string
  /** The name of its entry below `worktrees/`. */
  readonly registration: string
  readonly workDir: string
  readonly signal?: AbortSignal | undefined
  readonly mode?: ConfigCheck['mode']
}

/**
 * Looks whether a worktree's registration and the `.git` file of its checkout still name each other, and puts right
 * what does not: git follows each of them to whatever it names.
 *
 * @returns what was found; the verb at work on this very task should end with TAMPERED.
 */
export async function repairRegistration(git: Git, check: RegistrationCheck): Promise<Tampering[]> {
  const entry = join(check.gitDir, 'worktrees', check.registration)
  // Without an entry there is nothing that could lead astray, and its absence is reported by whoever needs it.
  const kind = await kindOf(entry)
  if (kind === 'absent') return []
  if (kind !== 'directory') throw tampered(entry, 'the registration is no directory')
  const found: Tampering[] = []
  if (await restoreFile(join(entry, 'gitdir'), `${join(check.workDir, '.git')}\n`, check.mode))
    found.push({ path: join(entry, 'gitdir'), problem: 'the registration named another checkout' })
  if (await restoreFile(join(entry, 'commondir'), '../..\n', check.mode))
    found.push({ path: join(entry, 'commondir'), problem: 'the registration named another repository' })
  const own = join(entry, 'config.worktree')
  if (await isWorktreeConfigStrange(git, own, check.signal)) {
    if (check.mode !== 'look') await deleteTree(own)
    found.push({ path: own, problem: 'the registration had a configuration of its own' })
  }
  const link = join(check.workDir, '.git')
  const isThere = (await kindOf(check.workDir)) === 'directory'
  if (isThere && (await restoreFile(link, `gitdir: ${entry}\n`, check.mode)))
    found.push({ path: link, problem: 'the checkout named another repository' })
  return found
}

/** The registrations' files that are none; a look at each of hundreds would cost more than all other checks. */
const oddInRegistrations = new SettledMemory<readonly string[]>()

/** Every git in the mirror reads what is registered, and would wait for a pipe without end. */
async function removeOddRegistrations(mirrorDir: string, mode: ConfigCheck['mode']): Promise<Tampering[]> {
  const folder = join(mirrorDir, 'worktrees')
  const names = await namesIn(folder)
  oddInRegistrations.keepOnly(folder, names)
  const [odd, now]: [string[], Date] = [[], new Date()]
  for await (const some of inTurns(names))
    for (const name of some) {
      const path = join(folder, name)
      odd.push(...(await oddInRegistrations.recall(path, settledStamp(path, now), () => oddFilesIn(path))))
    }
  if (mode !== 'look') for (const file of odd) await deleteTree(file)
  return odd.map((path) => ({ path, problem: 'a registration had a file that is none' }))
}

async function oddFilesIn(registration: string): Promise<readonly string[]> {
  const files = ['HEAD', 'gitdir', 'commondir'].map((name) => join(registration, name))
  const kinds = await kindsOf(files)
  return files.filter((_, index) => !['absent', 'file'].includes(kinds[index] ?? 'absent'))
}

/**
 * git writes single objects into the folders here, wherever they are, and waits for a pipe in place of a pack's index or
 * the cuts.
 */
async function removeOddObjects(mirrorDir: string, mode: ConfigCheck['mode']): Promise<Tampering[]> {
  const entries = await entriesIn(join(mirrorDir, 'objects'))
  const folders = entries.filter((entry) => /^[0-9a-f]{2}$/.test(entry.name) && !entry.isDirectory())
  const packs = (await entriesIn(join(mirrorDir, 'objects/pack'))).filter((entry) => !entry.isFile())
  const names = [
    ...folders.map(({ name }) => `objects/${name}`),
    ...packs.map(({ name }) => `objects/pack/${name}`),
  ]
  if (!['absent', 'file'].includes(await kindOf(join(mirrorDir, 'shallow')))) names.push('shallow')
  if (mode !== 'look') for (const name of names) await deleteTree(join(mirrorDir, name))
  const [first, ...others] = names
  if (first === undefined) return []
  // One warning is enough for as many as there can be.
  const more = others.length > 0 ? ` and ${others.length} more` : ''
  const problem = `the mirror had ${first}${more}, which was a link or a pipe`
  return [{ path: join(mirrorDir, first), problem }]
}

/**
 * Checks that no part of a mirror that a removal writes to is a link that would lead elsewhere; changes nothing.
 *
 * @throws IntegrityError TAMPERED naming the part.
 */
export function assertMirrorKinds(mirrorDir: string): Promise<void> {
  return assertKinds(mirrorDir, { ...KINDS, [PACKED_REFS]: 'file' })
}

async function assertKinds(mirrorDir: string, wanted: typeof KINDS): Promise<void> {
  if (!['directory', 'absent'].includes(await kindOf(mirrorDir)))
    throw tampered(mirrorDir, 'the mirror is no directory')
  const kinds = await kindsOf(Object.keys(wanted).map((name) => join(mirrorDir, name)))
  Object.entries(wanted).forEach(([name, expected], index) => {
    const kind = kinds[index]
    if (kind !== 'absent' && kind !== expected) throw tampered(join(mirrorDir, name), `is no ${expected}`)
  })
}

/** git makes some of these folders empty, which means nothing. */
async function foreignIn(mirrorDir: string): Promise<string[]> {
  const paths = FOREIGN.map((name) => join(mirrorDir, name))
  const kinds = await kindsOf(paths)
  const isForeign = paths.map(async (path, index) =>
    kinds[index] === 'directory' ? (await namesIn(path)).length > 0 : kinds[index] !== 'absent',
  )
  const foreign = await Promise.all(isForeign)
  return FOREIGN.filter((_, index) => foreign[index])
}

/** Whether it said something else. */
async function restoreFile(path: string, content: string, mode: ConfigCheck['mode']): Promise<boolean> {
  if ((await ownText(path)) === content) return false
  if (mode !== 'look') await replaceOwn(path, content, 0o644)
  return true
}

function tampered(path: string, problem: string): IntegrityError {
  return new IntegrityError('TAMPERED', `${problem}: ${path}`, { data: { path } })
}
