import { join } from 'node:path'
import { allOrFirstFailure } from '../errors/first-failure.js'
import { ensureDirectoryInside } from '../fs/contained-path.js'
import { writeFileInside } from '../fs/contained-write.js'
import { kindOf } from '../fs/presence.js'
import type { AgentContext } from '../model/prepare-request.js'
import { rememberBefore } from './context-journal.js'
import { TASK_FILE } from './file-names.js'
import { CONTEXT_FOLDER, contextFiles } from './issue-context.js'

export interface ContextRequest {
  readonly context: AgentContext
  readonly rootDir: string
  readonly workDir: string
  /** `manager`: the checkout is ours. `caller`: whatever is changed in it must be put back. */
  readonly folderOwner: 'manager' | 'caller'
  /** Where an earlier prepare of the same workspace wrote them. */
  readonly knownContextDir?: string | undefined
  /** Whether the repository tracks something below `.agent_context`. */
  readonly isTracked: () => Promise<boolean>
}

/**
 * Writes the context files and answers with their folder: `.agent_context` in the checkout, or, where the
 * repository has something of its own by that name, the folder of the same name beside the checkout.
 */
export async function writeContextFolder(request: ContextRequest): Promise<string> {
  const files = contextFiles(request.context)
  const directory = request.knownContextDir ?? (await chooseFolder(request, [...files.keys()]))
  const inCallersFolder =
    request.folderOwner === 'caller' && directory === join(request.workDir, CONTEXT_FOLDER)
  if (inCallersFolder) await rememberBefore(request.rootDir, directory, [...files.keys()])
  const parent = directory === join(request.rootDir, CONTEXT_FOLDER) ? request.rootDir : request.workDir
  await ensureDirectoryInside(parent, directory)
  await allOrFirstFailure(
    [...files].map(([path, content]) =>
      writeFileInside(parent, join(CONTEXT_FOLDER, path), content, TASK_FILE),
    ),
  )
  return directory
}

async function chooseFolder(request: ContextRequest, paths: readonly string[]): Promise<string> {
  const inside = join(request.workDir, CONTEXT_FOLDER)
  const beside = join(request.rootDir, CONTEXT_FOLDER)
  // Also where the tracked files are deleted just now: writing others in their place would change the status.
  if (request.folderOwner === 'caller' && (await request.isTracked())) return beside
  const found = await kindOf(inside)
  if (found === 'absent') return inside
  // In a fresh checkout whatever is there belongs to the repository.
  if (found !== 'directory' || request.folderOwner === 'manager') return beside
  const kinds = await Promise.all(paths.map((path) => kindOf(join(inside, path))))
  return kinds.every((kind) => kind === 'absent' || kind === 'file') ? inside : beside
}
