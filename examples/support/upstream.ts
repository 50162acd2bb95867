import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { git } from './run-git.js'

/** The repository that stands in for the one on your git server. */
export interface Upstream {
  /** What goes into `prepare({ source })`. */
  readonly url: string
  branches(): Promise<string[]>
  /** Somebody else pushes a commit to the default branch. */
  commit(file: string, content: string): Promise<void>
}

const FILES = {
  'README.md': '# Shop\n\nA small shop, made for this example.\n',
  'src/cart.js': 'export const total = (items) => items.reduce((sum, { price }) => sum + price, 0)\n',
  'src/login.js': 'export const login = () => {\n  throw new Error("not built yet")\n}\n',
  'docs/guide.md': '# Guide\n',
}

/** Makes a bare repository with a few files in `directory`, or a copy of `copyOf` that is safe to push to. */
export async function createUpstream(directory: string, copyOf?: string): Promise<Upstream> {
  const author = join(directory, 'author')
  const bare = join(directory, 'shop.git')
  await mkdir(directory, { recursive: true })
  if (copyOf === undefined) await writeFirstCommit(author)
  await git(directory, 'clone', '--quiet', '--bare', copyOf ?? author, bare)
  return {
    url: pathToFileURL(bare).href,
    branches: async () =>
      (await git(bare, 'for-each-ref', '--format=%(refname:short)', 'refs/heads')).split('\n'),
    commit: (file, content) => pushCommit(bare, join(directory, `author-${Date.now()}`), file, content),
  }
}

async function writeFirstCommit(author: string): Promise<void> {
  await mkdir(author)
  await git(author, 'init', '--quiet', '-b', 'main')
  for (const [file, content] of Object.entries(FILES)) await writeInto(author, file, content)
  await git(author, 'add', '--all')
  await git(author, 'commit', '--quiet', '-m', 'Open the shop')
}

async function pushCommit(bare: string, checkout: string, file: string, content: string): Promise<void> {
  await git(dirname(checkout), 'clone', '--quiet', bare, checkout)
  await writeInto(checkout, file, content)
  await git(checkout, 'add', '--all')
  await git(checkout, 'commit', '--quiet', '-m', `Change ${file}`)
  await git(checkout, 'push', '--quiet', 'origin', 'HEAD')
}

async function writeInto(directory: string, file: string, content: string): Promise<void> {
  await mkdir(dirname(join(directory, file)), { recursive: true })
  await writeFile(join(directory, file), content)
}
