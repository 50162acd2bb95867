import { FileContent } from './file-content.js'
import { integerBelow, seeded } from './random.js'

/** What a generated repository is like. */
export interface RepositoryShape {
  readonly files: number
  readonly commits: number
}

const FILES_PER_FOLDER = 12
const FOLDERS_PER_FOLDER = 8
const EXTENSIONS = ['.ts', '.ts', '.ts', '.test.ts', '.json', '.md', '.css', '.ts', '.ts', '.html']
/** One file in fifty is no text. */
const FILES_PER_BINARY = 50
const MOST_FILES_PER_COMMIT = 5
const COMMITS_PER_TAG = 100
const BRANCHES = 20
const CHUNK_BYTES = 256 * 1024
const FIRST_COMMIT_AT = 1_600_000_000
const SECONDS_PER_COMMIT = 3_600

/**
 * The input of `git fast-import`, in chunks: a first commit with all files, then commits that change up to
 * five neighbouring files each, tags all along and branches near the end.
 */
export function* historyStream(shape: RepositoryShape): Generator<Buffer> {
  let parts: Buffer[] = []
  let bytes = 0
  for (const part of historyParts(shape)) {
    parts.push(part)
    bytes += part.length
    if (bytes < CHUNK_BYTES) continue
    yield Buffer.concat(parts)
    parts = []
    bytes = 0
  }
  yield Buffer.concat(parts)
}

function* historyParts({ files, commits }: RepositoryShape): Generator<Buffer> {
  const content = new FileContent()
  const random = seeded(3)
  for (let number = 1; number <= commits; number += 1) {
    yield commitHeader(number)
    const changed = number === 1 ? range(0, files) : neighbours(files, random)
    for (const file of changed) yield* fileChange(content, file, number)
    if (number % COMMITS_PER_TAG === 0) yield ref(`refs/tags/v${number / COMMITS_PER_TAG}`, number)
    if (number > commits - BRANCHES) yield ref(`refs/heads/topic-${commits - number}`, number)
  }
  yield Buffer.from('done\n')
}

function commitHeader(number: number): Buffer {
  const who = `Author ${number % 37} <author-${number % 37}@example.org> ${FIRST_COMMIT_AT + number * SECONDS_PER_COMMIT} +0000`
  const message = `Change number ${number}\n`
  return Buffer.from(
    `commit refs/heads/main\nmark :${number}\nauthor ${who}\ncommitter ${who}\ndata ${message.length}\n${message}`,
  )
}

function neighbours(files: number, random: () => number): number[] {
  const first = integerBelow(random, files)
  return range(first, Math.min(files, first + 1 + integerBelow(random, MOST_FILES_PER_COMMIT)))
}

function* fileChange(content: FileContent, file: number, revision: number): Generator<Buffer> {
  const path = pathOf(file)
  const data = content.of(path, file, revision)
  yield Buffer.from(`M 100644 inline ${path}\ndata ${data.length}\n`)
  yield data
  yield Buffer.from('\n')
}

const ref = (name: string, commit: number) => Buffer.from(`reset ${name}\nfrom :${commit}\n\n`)

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n)

/** Folders of twelve files and eight folders, nested as deep as the number needs. */
export function pathOf(file: number): string {
  const folders: string[] = []
  for (let n = Math.floor(file / FILES_PER_FOLDER); n > 0; n = Math.floor((n - 1) / FOLDERS_PER_FOLDER)) {
    folders.unshift(`part-${(n - 1) % FOLDERS_PER_FOLDER}`)
  }
  return [...folders, `file-${file}${extensionOf(file)}`].join('/')
}

function extensionOf(file: number): string {
  if (file % FILES_PER_BINARY === FILES_PER_BINARY - 1) return '.png'
  return EXTENSIONS[file % EXTENSIONS.length] ?? '.ts'
}
