/** What a file of a test repository holds: plain content, or content with git's own file mode. */
export type FileSpec = string | Buffer | SpecialFile

export interface SpecialFile {
  /** 100755: executable. 120000: symbolic link. 160000: submodule; the content is a commit id. */
  readonly mode: '100644' | '100755' | '120000' | '160000'
  readonly content: string
}

export type Files = Readonly<Record<string, FileSpec>>

export interface CommitSpec {
  readonly branch: string
  readonly files: Files
  readonly message: string
  /** A commit-ish of the stream or the repository; absent: a root commit. */
  readonly from?: string
  readonly deleted?: readonly string[]
}

export const executable = (content: string): SpecialFile => ({ mode: '100755', content })
export const symlink = (target: string): SpecialFile => ({ mode: '120000', content: target })
export const submodule = (commit: string): SpecialFile => ({ mode: '160000', content: commit })

// The date stands still, so that a repository made twice has the same object ids.
const WHO = 'Test Author <author@example.org> 1704164645 +0000'

/** Builds the input of one `git fast-import`: a whole repository in a single process. */
export class FastImportStream {
  readonly #parts: Buffer[] = []
  #mark = 0

  /** Adds a commit and answers its mark, which later commits and tags can name. */
  commit({ branch, files, message, from, deleted = [] }: CommitSpec): string {
    const mark = `:${++this.#mark}`
    this.#line(`commit refs/heads/${branch}`, `mark ${mark}`, `author ${WHO}`, `committer ${WHO}`)
    this.#data(Buffer.from(message))
    if (from !== undefined) this.#line(`from ${from}`)
    for (const path of deleted) this.#line(`D ${quoted(path)}`)
    for (const [path, file] of Object.entries(files)) this.#file(path, file)
    this.#line('')
    return mark
  }

  /** Points a ref (a lightweight tag, a branch) at a commit. */
  ref(name: string, commit: string): void {
    this.#line(`reset ${name}`, `from ${commit}`, '')
  }

  /** Asks git to print the id of a commit of this stream. */
  printId(mark: string): void {
    this.#line(`get-mark ${mark}`)
  }

  toBuffer(): Buffer {
    return Buffer.concat([...this.#parts, Buffer.from('done\n')])
  }

  #file(path: string, file: FileSpec): void {
    if (typeof file === 'string' || Buffer.isBuffer(file)) this.#inline('100644', path, file)
    else if (file.mode === '160000') this.#line(`M 160000 ${file.content} ${quoted(path)}`)
    else this.#inline(file.mode, path, file.content)
  }

  #inline(mode: string, path: string, content: string | Buffer): void {
    this.#line(`M ${mode} inline ${quoted(path)}`)
    this.#data(Buffer.from(content))
  }

  #line(...lines: string[]): void {
    this.#parts.push(Buffer.from(`${lines.join('\n')}\n`))
  }

  #data(content: Buffer): void {
    this.#parts.push(Buffer.from(`data ${content.length}\n`), content, Buffer.from('\n'))
  }
}

// C-style quotes let a path hold spaces, quotes and newlines; other bytes pass as they are.
function quoted(path: string): string {
  const escaped = path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  return `"${escaped}"`
}
