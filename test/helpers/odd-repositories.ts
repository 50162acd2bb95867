import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { executable, submodule, symlink } from './fast-import.js'
import { git } from './run-git.js'
import { createUpstream, type Upstream, upstreamAt } from './upstream.js'

/** Makes a repository below an existing, empty directory. */
export type RepositoryFactory = (directory: string) => Promise<Upstream>

export const defaultBranchNotMain: RepositoryFactory = (directory) =>
  createUpstream(join(directory, 'trunk.git'), { defaultBranch: 'trunk/stable' })

/** The tag `release` and the branch `release` name different commits. */
export const tagAndBranchOfOneName: RepositoryFactory = (directory) =>
  createUpstream(join(directory, 'same-name.git'), {
    tags: ['release'],
    branches: { release: { 'only-on-the-branch.txt': 'branch\n' } },
  })

export const ODD_FILE_NAMES = [
  'two words.txt',
  ' leading and trailing .txt ',
  `single ' and double ".txt`,
  'new\nline.txt',
  'back\\slash.txt',
  'tab\there.txt',
  '-dash.txt',
  'übergröße-日本語-🚀.txt',
  'folder with space/$(echo no)`;&|.txt',
] as const

export const oddFileNames: RepositoryFactory = (directory) =>
  createUpstream(join(directory, 'odd names.git'), {
    files: Object.fromEntries(ODD_FILE_NAMES.map((name) => [name, `content of ${name}\n`])),
  })

/** Links to a file, to a folder, to nothing, up and out of the repository, and to an absolute path. */
export const symlinks: RepositoryFactory = (directory) =>
  createUpstream(join(directory, 'symlinks.git'), {
    files: {
      'real.txt': 'real\n',
      'folder/inside.txt': 'inside\n',
      'to-file': symlink('real.txt'),
      'to-folder': symlink('folder'),
      dangling: symlink('there-is-no-such-file'),
      'outside-relative': symlink('../../../../outside'),
      'outside-absolute': symlink(join(directory, 'outside')),
    },
  })

export const executableBits: RepositoryFactory = (directory) =>
  createUpstream(join(directory, 'executable.git'), {
    files: { 'run.sh': executable('#!/bin/sh\necho ran\n'), 'plain.txt': 'plain\n' },
  })

export const emptyRepository: RepositoryFactory = (directory) =>
  createUpstream(join(directory, 'empty.git'), { files: {} })

/** Their names are more than a pipe holds. */
export const manyFiles: RepositoryFactory = (directory) => {
  const names = Array.from({ length: 1_500 }, (_, n) => `src/part-${n % 50}/${'long-'.repeat(36)}${n}.txt`)
  const files = Object.fromEntries(names.map((name, index) => [name, `file ${index}\n`]))
  return createUpstream(join(directory, 'large.git'), { files })
}

/** A source that itself has only the newest of its three commits. */
export const shallowSource: RepositoryFactory = async (directory) => {
  const full = await createUpstream(join(directory, 'full.git'))
  await full.commit('main', { 'second.txt': '2\n' })
  await full.commit('main', { 'third.txt': '3\n' })
  await git(directory, 'clone', '--quiet', '--bare', '--depth=1', full.url, 'shallow.git')
  return upstreamAt(join(directory, 'shallow.git'), 'main')
}

export const sha256Objects: RepositoryFactory = (directory) =>
  createUpstream(join(directory, 'sha256.git'), { objectFormat: 'sha256' })

/** Line ends that a checkout converts (`eol=crlf`), must not touch (`-text`), and CRLF that was committed. */
export const lineEndings: RepositoryFactory = (directory) =>
  createUpstream(join(directory, 'line-endings.git'), {
    files: {
      '.gitattributes': '*.win text eol=crlf\n*.unix text eol=lf\n*.bin -text\n*.auto text=auto\n',
      'checked-out-with-crlf.win': 'one\ntwo\n',
      'checked-out-with-lf.unix': 'one\ntwo\n',
      'untouched.bin': 'one\r\ntwo\r\n',
      'decided-by-git.auto': 'one\ntwo\n',
      'no-attribute-crlf.txt': 'one\r\ntwo\r\n',
    },
  })

/** Names a submodule by a `file://` URL that can really be fetched. */
export const submodules: RepositoryFactory = async (directory) => {
  const library = await createUpstream(join(directory, 'library.git'), { files: { 'lib.txt': 'lib\n' } })
  const url = pathToFileURL(library.path).href
  return createUpstream(join(directory, 'with-submodule.git'), {
    files: {
      '.gitmodules': `[submodule "vendor/library"]\n\tpath = vendor/library\n\turl = ${url}\n`,
      'vendor/library': submodule(await library.head()),
      'README.md': '# Has a submodule\n',
    },
  })
}

export const LFS_POINTER = [
  'version https://git-lfs.github.com/spec/v1',
  'oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393',
  'size 12345',
  '',
].join('\n')

export const lfsPointers: RepositoryFactory = (directory) =>
  createUpstream(join(directory, 'lfs.git'), {
    files: {
      '.gitattributes': '*.psd filter=lfs diff=lfs merge=lfs -text\n',
      'art/picture.psd': LFS_POINTER,
      'README.md': '# Uses LFS\n',
    },
  })

/** A bare repository whose HEAD names a branch that does not exist, while two others do. */
export const danglingHead: RepositoryFactory = async (directory) => {
  const upstream = await createUpstream(join(directory, 'dangling.git'), {
    branches: { develop: { 'develop.txt': 'develop\n' } },
  })
  await upstream.git('symbolic-ref', 'HEAD', 'refs/heads/gone')
  return upstream
}

/** A checkout whose HEAD is a commit, not a branch. */
export const detachedHead: RepositoryFactory = async (directory) => {
  const upstream = await createUpstream(join(directory, 'detached'), { bare: false })
  await upstream.commit('main', { 'second.txt': '2\n' })
  await upstream.git('checkout', '--quiet', '--detach', 'HEAD~1')
  return upstream
}
