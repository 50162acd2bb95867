import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { git } from '../helpers/run-git.js'
import { upstreamFiles } from './files.js'

/**
 * What a workspace lacks that nobody has worked in yet: each file as the upstream has it, and a status that says
 * nothing. `lenient` is for one in which an agent may have added files and commits.
 */
export async function incompleteness(
  workDir: string,
  how: 'strict' | 'lenient' = 'strict',
): Promise<string[]> {
  const wrong = (
    await Promise.all(Object.entries(upstreamFiles()).map((file) => difference(workDir, file)))
  ).flat()
  const status = how === 'strict' ? await git(workDir, 'status', '--porcelain') : ''
  const unclean = status === '' ? [] : [`git status says ${JSON.stringify(status.slice(0, 200))}`]
  return [...wrong.slice(0, 3), ...unclean].map((problem) => `${workDir}: ${problem}`)
}

async function difference(workDir: string, [name, content]: [string, string]): Promise<string[]> {
  try {
    return (await readFile(join(workDir, name), 'utf8')) === content ? [] : [`${name} has other content`]
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    return [`${name} cannot be read (${error.code})`]
  }
}
