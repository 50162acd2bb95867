import { mkdir } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { FastImportStream, type Files } from './fast-import.js'
import { feedGit, git } from './run-git.js'
import { copyOfTemplate } from './upstream-templates.js'

export interface UpstreamOptions {
  /** Default 'main'. */
  readonly defaultBranch?: string
  /** The files of the default branch's first commit. Default: a README.md. `{}`: no commit at all. */
  readonly files?: Files
  /** Further branches: each starts from the default branch and adds these files. */
  readonly branches?: Readonly<Record<string, Files>>
  /** Lightweight tags on the default branch's first commit. */
  readonly tags?: readonly string[]
  /** Default true. A repository that is not bare has its default branch checked out. */
  readonly bare?: boolean
  readonly objectFormat?: 'sha1' | 'sha256'
}

/** A real repository that tests clone from, push to and change behind the library's back. */
export interface Upstream {
  readonly path: string
  /** A `file://` URL: git treats it as a remote, with a transport of its own. */
  readonly url: string
  readonly defaultBranch: string
  /** The commit id at the tip of a branch (the default one when none is named). */
  head(branch?: string): Promise<string>
  /** Adds a commit to a branch, made from the default branch when it is new; answers the commit's id. */
  commit(branch: string, files: Files, message?: string): Promise<string>
  branches(): Promise<string[]>
  git(...args: string[]): Promise<string>
}

/** Makes a repository in `directory` (created when absent): a bare one as the copy of an equal one. */
export async function createUpstream(directory: string, options: UpstreamOptions = {}): Promise<Upstream> {
  const { defaultBranch = 'main', bare = true } = options
  const make = (path: string) => makeUpstream(path, options)
  // An index names the files it is about by inode, so that a checkout would not be an equal one when copied.
  if (bare) await copyOfTemplate(directory, options, make)
  else await make(directory)
  return upstreamAt(directory, defaultBranch)
}

// With two git processes, whatever its size.
async function makeUpstream(directory: string, options: UpstreamOptions): Promise<void> {
  const { defaultBranch = 'main', bare = true, objectFormat = 'sha1' } = options
  await mkdir(directory, { recursive: true })
  const kind = bare ? ['--bare'] : []
  await git(directory, 'init', '--quiet', ...kind, `--object-format=${objectFormat}`, '-b', defaultBranch)
  const files = options.files ?? { 'README.md': '# Upstream\n' }
  if (Object.keys(files).length > 0) {
    await importStream(directory, firstCommits({ ...options, defaultBranch, files }))
    if (!bare) await git(directory, 'reset', '--quiet', '--hard')
  }
}

/** The same view of a repository that was made by other means (a shallow clone, a working checkout). */
export function upstreamAt(path: string, defaultBranch: string): Upstream {
  return {
    path,
    url: pathToFileURL(path).href,
    defaultBranch,
    head: (branch = defaultBranch) => git(path, 'rev-parse', '--verify', `refs/heads/${branch}^{commit}`),
    commit: (branch, files, message) => addCommit(path, { branch, defaultBranch, files, message }),
    branches: async () =>
      lines(await git(path, 'for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads')),
    git: (...args) => git(path, ...args),
  }
}

function firstCommits(options: UpstreamOptions & { defaultBranch: string; files: Files }): Buffer {
  const stream = new FastImportStream()
  const first = stream.commit({
    branch: options.defaultBranch,
    files: options.files,
    message: 'First commit',
  })
  for (const [branch, files] of Object.entries(options.branches ?? {})) {
    stream.commit({ branch, files, message: `Start ${branch}`, from: first })
  }
  for (const tag of options.tags ?? []) stream.ref(`refs/tags/${tag}`, first)
  return stream.toBuffer()
}

interface Addition {
  readonly branch: string
  readonly defaultBranch: string
  readonly files: Files
  readonly message: string | undefined
}

async function addCommit(directory: string, addition: Addition): Promise<string> {
  const { branch, files, message = `Change ${branch}` } = addition
  const from = await startOf(directory, addition)
  const stream = new FastImportStream()
  stream.printId(stream.commit({ branch, files, message, ...(from === undefined ? {} : { from }) }))
  const id = await importStream(directory, stream.toBuffer())
  await followCheckedOut(directory, branch)
  return id
}

async function startOf(directory: string, addition: Addition): Promise<string | undefined> {
  const wanted = [addition.branch, addition.defaultBranch].map((name) => `refs/heads/${name}`)
  const existing = lines(await git(directory, 'for-each-ref', '--format=%(refname)', ...wanted))
  const start = wanted.find((ref) => existing.includes(ref))
  return start === undefined ? undefined : `${start}^0`
}

// A commit made behind a checkout's back would otherwise show up there as a change.
async function followCheckedOut(directory: string, branch: string): Promise<void> {
  if ((await git(directory, 'rev-parse', '--is-bare-repository')) === 'true') return
  const current = await git(directory, 'rev-parse', '--symbolic-full-name', 'HEAD')
  if (current === `refs/heads/${branch}`) await git(directory, 'reset', '--quiet', '--hard')
}

const importStream = (directory: string, input: Buffer) =>
  feedGit(directory, input, 'fast-import', '--quiet', '--done')

const lines = (output: string) => output.split('\n').filter((line) => line !== '')
