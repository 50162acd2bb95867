import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeDirectories } from '../fs/make-directories.js'

/** Where git looks for the cone of a checkout, below its git dir. */
export const CONE_FILE = join('info', 'sparse-checkout')

/** What git has to be told in a call that is to heed a cone, wherever the checkout's own configuration is. */
export function sparseConfig(folders: readonly string[] | undefined): Readonly<Record<string, string>> {
  return folders === undefined ? {} : { 'core.sparseCheckout': 'true', 'core.sparseCheckoutCone': 'true' }
}

/** Writes the cone where git looks for it: below the git dir of the one checkout, also of a linked worktree. */
export async function writeCone(gitDir: string, folders: readonly string[]): Promise<void> {
  const file = join(gitDir, CONE_FILE)
  await makeDirectories(dirname(file))
  await writeFile(file, conePatterns(folders))
}

/** The patterns that `git sparse-checkout set --cone` writes (git-sparse-checkout(1), INTERNALS). */
export function conePatterns(folders: readonly string[]): string {
  const parents = parentsOf(folders)
  const lines = [...parents, ...folders].sort().flatMap((folder) => {
    const escaped = escapeGlob(folder)
    return parents.includes(folder) ? [`/${escaped}/`, `!/${escaped}/*/`] : [`/${escaped}/`]
  })
  return ['/*', '!/*/', ...lines].map((line) => `${line}\n`).join('')
}

/** The files of a cone as pathspecs: whole folders, and what is directly in those above them. */
export function conePathspecs(folders: readonly string[]): string[] {
  return [
    ':(top,glob)*',
    ...parentsOf(folders).map((folder) => `:(top,glob)${escapeGlob(folder)}/*`),
    ...folders.map((folder) => `:(top,literal)${folder}`),
  ]
}

/**
 * Whether a path is checked out. An index that was brought to another commit does not say so of every new file
 * outside of a cone, which is then not there and yet not deleted.
 */
export function isCheckedOut(path: string, folders: readonly string[] | undefined): boolean {
  if (folders === undefined) return true
  const parent = dirname(path)
  if (parent === '.' || folders.some((folder) => path.startsWith(`${folder}/`))) return true
  return folders.some((folder) => folder.startsWith(`${parent}/`))
}

function parentsOf(folders: readonly string[]): string[] {
  const parents = new Set<string>()
  for (const folder of folders) {
    for (let parent = dirname(folder); parent !== '.'; parent = dirname(parent)) parents.add(parent)
  }
  return [...parents].sort()
}

function escapeGlob(folder: string): string {
  return folder.replace(/[[*?\\]/g, '\\$&')
}
