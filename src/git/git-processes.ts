import { readdirSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isSystemError, systemErrorCode } from '../errors/system-error.js'
import { listProcesses, lookUpProcess } from '../fs/process-table.js'
import { linkOf, lookAtEach, readOf } from './process-look.js'
import { starterIn } from './started-by.js'

/** A live process that may be a git. */
export interface GitProcess {
  readonly pid: number
  /** As in `/proc/<pid>/stat`. */
  readonly start: string
  /** Every path that it is seen to work with, by each of its names. `hidden` where it cannot be looked into. */
  readonly places: readonly string[] | 'hidden'
  /** `reads` of one that can change nothing in a repository, such as our own look-ups, which live long. */
  readonly role: 'reads' | 'may write'
}

const PATIENCE_MS = 10_000
const SECOND_LOOK_MS = 20

/**
 * Every live process of this machine that may be a git: by its name, its program, or our mark in its environment.
 * `unknown` where not all processes can be seen: without `/proc`, or where it hides those of other users.
 *
 * Processes of other containers are not seen from within a container.
 */
export async function listGitProcesses(): Promise<readonly GitProcess[] | 'unknown'> {
  const { ids, completeness } = listProcesses()
  if (completeness === 'unsure') return 'unknown'
  const found = await lookAtEach(ids, (pid) => (mayBeGit(pid) ? lookInto(pid) : []))
  return withAllNames(await withSecondLook(found))
}

// Tools with names like gitui work on repositories too.
const GIT_OR_TOOL = /^\.?git/i
// What cannot be looked into is believed to be a git only by its full name: services like gitlab-runner never end.
const GIT = /^\.?git(?:-|$)/

function mayBeGit(pid: number): boolean {
  if (pid === process.pid) return false
  if (namesOf(pid).some((name) => GIT_OR_TOOL.test(name))) return true
  return starterIn(readOf(pid, 'environ')) !== undefined
}

function namesOf(pid: number): string[] {
  const stat = readOf(pid, 'stat')
  return [stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')), basename(linkOf(pid, 'exe'))]
}

function lookInto(pid: number): GitProcess[] {
  const { start } = lookUpProcess(pid)
  const [places, names] = [placesOf(pid), namesOf(pid)]
  // What it says while it ends is not the whole truth, but then it does not matter any more.
  if (['absent', 'zombie'].includes(lookUpProcess(pid).presence)) return []
  const isNone = places === 'hidden' && !names.some((name) => GIT.test(name))
  return isNone ? [] : [{ pid, start, places, role: roleOf(pid) }]
}

/** `git cat-file --batch…` only: with other options even cat-file may write, a cache of textconv. */
function roleOf(pid: number): GitProcess['role'] {
  const [program = '', command, ...options] = readOf(pid, 'cmdline').split('\0').slice(0, -1)
  const isReader = command === 'cat-file' && options.every((option) => option.startsWith('--batch'))
  return isReader && basename(program) === 'git' ? 'reads' : 'may write'
}

/** A process that is just ending cannot be looked into either, but not for long. */
async function withSecondLook(found: readonly GitProcess[]): Promise<readonly GitProcess[]> {
  const hidden = found.filter(({ places }) => places === 'hidden')
  if (hidden.length === 0) return found
  await delay(SECOND_LOOK_MS)
  const open = found.filter(({ places }) => places !== 'hidden')
  return [...open, ...hidden.flatMap(({ pid }) => lookInto(pid))]
}

/** A process with another view of the file system gives its paths other names than we do. */
function placesOf(pid: number): readonly string[] | 'hidden' {
  const cwd = linkOf(pid, 'cwd')
  const files = openFilesOf(pid)
  if (cwd === '' || files === 'hidden' || !seesOurFiles(pid)) return 'hidden'
  const words = [...placeVariables(readOf(pid, 'environ')), ...readOf(pid, 'cmdline').split('\0')]
  return [cwd, ...files, ...words.filter(Boolean).flatMap((word) => namesIn(word, cwd))]
}

function seesOurFiles(pid: number): boolean {
  return ['ns/mnt', 'root'].every((view) => linkOf(pid, view) === linkOf(process.pid, view))
}

function openFilesOf(pid: number): readonly string[] | 'hidden' {
  try {
    const files = readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(pid, `fd/${fd}`))
    return files.filter((file) => file.startsWith('/'))
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error
    return 'hidden'
  }
}

const PLACE_VARIABLE =
  /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|OBJECT_DIRECTORY|QUARANTINE_PATH|SHALLOW_FILE)=/

function placeVariables(environment: string): string[] {
  return environment
    .split('\0')
    .filter((entry) => PLACE_VARIABLE.test(entry))
    .map((entry) => entry.slice(entry.indexOf('=') + 1))
}

/** A word of a command line as it stands (it may be a URL), and the path that it or the value of an option would be. */
function namesIn(word: string, cwd: string): string[] {
  const value = word.startsWith('-') ? word.slice(word.indexOf('=') + 1) : word
  return [word, resolve(cwd, value)]
}

/** Adds the true name of each path. A look at a dead network drive may take for ever. */
async function withAllNames(processes: readonly GitProcess[]): Promise<readonly GitProcess[] | 'unknown'> {
  const patience = new AbortController()
  const named = Promise.all(processes.map(withTrueNames))
  const late = delay(PATIENCE_MS, 'unknown' as const, { signal: patience.signal })
  try {
    return await Promise.race([named, late])
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error
    return 'unknown'
  } finally {
    patience.abort()
    await Promise.allSettled([late])
  }
}

async function withTrueNames(found: GitProcess): Promise<GitProcess> {
  if (found.places === 'hidden') return found
  const names = found.places.filter((place) => place.startsWith('/'))
  const trueNames = await Promise.all(names.map(trueNameOf))
  return { ...found, places: [...new Set([...found.places, ...trueNames])] }
}

async function trueNameOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    // Most words of a command line are no paths at all.
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG')) throw error
    return path
  }
}
