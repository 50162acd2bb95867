import { realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { hasErrorCode } from '../errors/workspace-error.js'
import { readPlain } from '../git/plain-files.js'

const MAX_BYTES = 64 * 1024

/**
 * The repositories of a checkout that others in it borrow objects from, which would be damaged without them
 * (gitrepository-layout(5), `objects/info/alternates`); all names are relative to the checkout.
 */
export async function lendersOf(workDir: string, repositories: readonly string[]): Promise<string[]> {
  const roots = [join(workDir, '/'), join(await realpath(workDir), '/')]
  const found = new Set<string>()
  const asked = [...repositories]
  for (const repository of asked) {
    for (const gitDir of [join(workDir, repository, '.git'), join(workDir, repository)]) {
      const lenders = (await lent(gitDir)).flatMap((path) => {
        const root = roots.find((one) => path.startsWith(one))
        return root === undefined ? [] : [relative(root, path)]
      })
      for (const lender of lenders.filter((one) => !found.has(one) && one !== '')) {
        found.add(lender)
        asked.push(lender)
      }
    }
  }
  return [...found].sort()
}

/** The folders of the repositories that one names; none where the list is odd. */
async function lent(gitDir: string): Promise<string[]> {
  const objects = join(gitDir, 'objects')
  const named = (await listIn(objects)).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const gitDirs = named.map((line) => dirname(resolve(objects, line)))
  return gitDirs.map((path) => (basename(path) === '.git' ? dirname(path) : path))
}

async function listIn(objects: string): Promise<string> {
  try {
    return (await readPlain(join(objects, 'info/alternates'), MAX_BYTES)) ?? ''
  } catch (error) {
    if (!hasErrorCode(error, 'TAMPERED')) throw error
    return ''
  }
}
