import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Where a run of the tests keeps repositories to copy from; made and removed by `run-folder.ts`. */
export const TEMPLATES = 'GTI_TEST_TEMPLATES'

/**
 * A copy at `directory` of the repository that `make` makes in the folder it is given: made once in a run of
 * the tests, by whichever worker is first, since a copy costs a tenth of the git processes that made it.
 */
export async function copyOfTemplate(
  directory: string,
  options: object,
  make: (directory: string) => Promise<void>,
): Promise<void> {
  const templates = process.env[TEMPLATES]
  if (templates === undefined) return make(directory)
  const template = join(templates, createHash('sha256').update(JSON.stringify(options)).digest('hex'))
  if (!(await isThere(template))) await makeTemplate(template, make)
  copyTree(template, directory)
}

// Two workers may make the same one: the second rename finds a folder that is not empty, and its copy is as good.
async function makeTemplate(template: string, make: (directory: string) => Promise<void>): Promise<void> {
  const draft = await mkdtemp(`${template}-`)
  const made = join(draft, 'repository')
  await mkdir(made)
  await make(made)
  await rename(made, template).catch((error: unknown) => unlessThere(error))
  await rm(draft, { recursive: true, force: true })
}

function unlessThere(error: unknown): void {
  if (error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY') return
  throw error
}

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

// In one go: the folders are a dozen, and a test waits for nothing else meanwhile.
function copyTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true, mode: statSync(from).mode & 0o777 })
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) copyTree(source, target)
    // Samples of hooks are most of an empty repository's files, and nothing reads them.
    else if (!entry.name.endsWith('.sample')) copyFileSync(source, target)
  }
}
