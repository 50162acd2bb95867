import { dirname, join } from 'node:path'
import { hasErrorCode } from '../errors/workspace-error.js'
import { bytesOfText, textOfBytes } from '../fs/byte-names.js'
import type { Git } from '../git/git.js'
import { listNames } from '../git/listed-names.js'
import { readOwnIndex, writeCompared } from '../git/settled-index.js'
import { copyIndex, type TrustedView, withTrustedView } from '../git/trusted-view.js'
import type { ObjectFormat } from '../model/object-format.js'
import { globPathspec } from './archive-globs.js'
import { lendersOf } from './lenders.js'
import { inBareRepositories, repositoriesInIgnored } from './repositories-in-ignored.js'
import { copySharedIndexes } from './shared-index.js'

/** Names have one character for each byte, and `/` between folders. */
export interface Baseline {
  /** Files that a checkout of the base writes, and that are still the same on disk. */
  readonly unchanged: ReadonlySet<string>
  /** How long their contents are in the commit; -1 where that is not known. */
  readonly lengths: ReadonlyMap<string, number>
  /** Files that it writes, and that are changed or gone. */
  readonly changed: ReadonlySet<string>
  /** The empty folders that it makes where a submodule belongs. */
  readonly submodules: ReadonlySet<string>
  /** Ignored files, and ignored folders with a `/` at the end, that are not to be archived. */
  readonly ignored: ReadonlySet<string>
  /** What is ignored, and yet in a commit, in the agent's index, or somebody's work all the same. */
  readonly kept: readonly string[]
  /** Repositories among them: git names nothing that is in one, and all of it is kept. */
  readonly whole: ReadonlySet<string>
}

export interface BaselineRequest {
  readonly workDir: string
  readonly scratchDir: string
  readonly objectFormat: ObjectFormat
  readonly alternates: readonly string[]
  /** The commit that a checkout is compared with; without one there is nothing that a restore could start from. */
  readonly base?: string | undefined
  /** The manager's own copy of the index, as checkout left it. */
  readonly indexFile?: string | undefined
  /** The commit and the index whose files are never ignored. */
  readonly head?: string | undefined
  readonly agentIndex?: string | undefined
  readonly includeIgnored?: true | readonly string[] | undefined
  /** Repositories in the checkout, as the look names them. */
  readonly nested?: readonly string[] | undefined
  /** Told where there are ignored files, and a list of globs names none of them. */
  readonly onNothingNamed?: (() => void) | undefined
  readonly signal?: AbortSignal | undefined
}

export const NO_BASELINE: Baseline = {
  unchanged: new Set(),
  lengths: new Map(),
  changed: new Set(),
  submodules: new Set(),
  ignored: new Set(),
  kept: [],
  whole: new Set(),
}

/**
 * Compares a checkout with what a checkout of its base would write: by the times and inodes that our own copy of the
 * index remembers, and never by content, since a filter may take two contents for the same. What cannot be told for
 * certain counts as changed. Which files are ignored is told by the ignore files in the tree alone.
 */
export async function readBaseline(git: Git, request: BaselineRequest): Promise<Baseline> {
  const { base, workDir: workTree, scratchDir, objectFormat, alternates } = request
  const view = {
    workTree,
    scratchDir,
    objectFormat,
    alternates,
    head: base ?? request.head ?? '0'.repeat(40),
  }
  return withTrustedView(view, async (trusted) => {
    const ask = (args: readonly string[], onName: (name: string) => void, indexFile = trusted.indexFile) =>
      listNames(git, { args, ...trusted, indexFile, signal: request.signal }, onName)
    const files =
      base === undefined ? NO_BASELINE : await compareIfThere(git, { view: trusted, request, base, ask })
    return { ...files, ...(await ignoredOf(trusted, request, files, ask)) }
  })
}

type Ask = (args: readonly string[], onName: (name: string) => void, indexFile?: string) => Promise<void>
interface Comparison {
  readonly view: TrustedView
  readonly request: BaselineRequest
  readonly base: string
  readonly ask: Ask
}

type Compared = Pick<Baseline, 'unchanged' | 'lengths' | 'changed' | 'submodules'>

/** Of a commit that is gone, with the repository that had it, nothing is known: all files are archived whole. */
async function compareIfThere(git: Git, comparison: Comparison): Promise<Compared> {
  const { view, request, base } = comparison
  try {
    return await compare(git, comparison)
  } catch (error) {
    if (!hasErrorCode(error, 'GIT_FAILED')) throw error
    const look = { args: ['cat-file', '-e', `${base}^{tree}`], okCodes: [0, 1, 128], signal: request.signal }
    if ((await git.run({ ...look, ...view })).code === 0) throw error
    return NO_BASELINE
  }
}

async function compare(git: Git, { view, request, base, ask }: Comparison): Promise<Compared> {
  const { indexFile, objectFormat, workDir, signal } = request
  const own = indexFile === undefined ? undefined : await readOwnIndex(indexFile, objectFormat)
  // Without an index of ours that is whole every file counts as changed.
  if (own !== undefined) await writeCompared(own, view.indexFile, workDir, signal)
  // Keeps what is known of files that the base has like this, and knows nothing of all others.
  await git.run({ args: ['read-tree', '-i', '-m', base], ...view, signal })
  const [unchanged, changed, submodules] = [new Set<string>(), new Set<string>(), new Set<string>()]
  await ask(['ls-files', '-t', '-s', '-z'], (line) => {
    const [, tag, mode, name = ''] = /^(\S) (\d+) \S+ \d\t(.*)$/s.exec(line) ?? []
    // S: outside a sparse checkout. Where such a file is there all the same, it is the agent's.
    if (tag !== 'S') (mode === '160000' ? submodules : unchanged).add(name)
  })
  // Fields come in pairs: a letter, then the name.
  let isName = false
  await ask(['diff-files', '--name-status', '--no-renames', '-z'], (field) => {
    if (isName && unchanged.delete(field)) changed.add(field)
    isName = !isName
  })
  const lengths = new Map<string, number>()
  await ask(['ls-tree', '-r', '-l', '-z', '--full-tree', base], (line) => {
    const [, length = '', name = ''] = /^\d+ blob \S+ +(\S+)\t(.*)$/s.exec(line) ?? []
    // git says BAD of an object that is nowhere.
    if (unchanged.has(name)) lengths.set(name, /^\d+$/.test(length) ? Number(length) : -1)
  })
  return { unchanged, lengths, changed, submodules }
}

async function ignoredOf(
  view: TrustedView,
  request: BaselineRequest,
  files: Compared,
  ask: Ask,
): Promise<Pick<Baseline, 'ignored' | 'kept' | 'whole'>> {
  const { includeIgnored, head, agentIndex, indexFile, workDir, signal } = request
  const ignored = new Set<string>()
  const kept = new Set<string>()
  const whole = new Set<string>()
  if (includeIgnored === true) return { ignored, kept: [], whole }
  const others = ['ls-files', '--others', '--ignored', '--exclude-standard', '-z']
  await ask([...others, '--directory'], (name) => ignored.add(name))
  for (const name of await inBareRepositories(workDir, ignored)) ignored.delete(name)
  if (ignored.size === 0) return { ignored, kept: [], whole }
  const keep = (name: string): void => {
    if (!files.unchanged.has(name) && !files.changed.has(name)) kept.add(name)
  }
  const keepWhole = (name: string): void => {
    kept.add(name)
    whole.add(name)
  }
  const keepListed = (line: string): void => {
    const [, mode, name = ''] = /^(\d+) [^\t]*\t(.*)$/s.exec(line) ?? []
    mode === '160000' ? keepWhole(name) : keep(name)
  }
  const repositories = await repositoriesInIgnored(workDir, [...ignored].map(textOfName), signal)
  const lenders = await lendersOf(workDir, [...repositories, ...(request.nested ?? [])])
  for (const name of [...repositories, ...lenders]) keepWhole(nameOfText(name))
  if (includeIgnored !== undefined && includeIgnored.length > 0) {
    let named = 0
    await ask([...others, '--', ...includeIgnored.map(globPathspec)], (name) => {
      named += 1
      return name.endsWith('/') ? keepWhole(name.slice(0, -1)) : keep(name)
    })
    if (named === 0) request.onNothingNamed?.()
  }
  if (head !== undefined) await ask(['ls-tree', '-r', '-z', '--full-tree', head], keepListed)
  const copy = join(view.gitDir, 'agent-index')
  // Where the agent's is gone, ours tells at least what was checked out.
  for (const index of [agentIndex, indexFile]) {
    if (index === undefined || (await copyIndex(index, copy)) === 'absent') continue
    await copySharedIndexes(dirname(index), view.gitDir)
    await ask(['ls-files', '-s', '-z'], keepListed, copy)
    break
  }
  return { ignored, kept: [...kept], whole }
}

const textOfName = (name: string) => textOfBytes(Buffer.from(name, 'latin1'))
const nameOfText = (text: string) => bytesOfText(text).toString('latin1')
