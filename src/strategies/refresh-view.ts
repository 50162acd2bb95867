import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentGitDir } from '../git/agent-git-dir.js'
import { readPlain } from '../git/plain-files.js'
import { writeCuts } from '../git/shallow-file.js'
import { CONE_FILE } from '../git/sparse-cone.js'
import { copyIndex, type TrustedView, withTrustedView } from '../git/trusted-view.js'
import { installIndex } from './checkout-files.js'
import { hasOwnObjects, objectDirectories, withRefsOf } from './refresh-refs.js'
import type { CheckoutWork } from './refresh-work.js'
import { readShallow } from './shallow-history.js'

const MAX_CONE_BYTES = 1024 * 1024

/** Looks at a checkout, as it is at the commit `before`, through a git dir of our own that can write its files. */
export async function withRefreshView<T>(
  { agent, tree, request, before }: Omit<CheckoutWork, 'view'>,
  action: (view: TrustedView) => Promise<T>,
): Promise<T> {
  const options = {
    scratchDir: request.scratchDir,
    workTree: tree.workDir,
    objectFormat: request.repository.objectFormat,
    head: before,
    alternates: objectDirectories(agent, request),
    indexFile: request.indexFile,
    sparse: request.shape?.sparse,
  }
  return withTrustedView(options, async (view) => {
    await takeCuts(agent, request, view.gitDir)
    if (request.shape?.sparse !== undefined) await takeCone(agent, view.gitDir)
    return action(view)
  })
}

/** A source may be shallow itself: history then ends for all that borrow from its mirror. */
export async function takeCuts(
  agent: AgentGitDir,
  request: CheckoutWork['request'],
  gitDir: string,
): Promise<void> {
  await writeCuts(
    gitDir,
    await readShallow(hasOwnObjects(request) ? agent.gitDir : request.repository.gitDir),
  )
}

/** The agent may have changed what it works on; as patterns alone its file can do no harm. */
async function takeCone(agent: AgentGitDir, gitDir: string): Promise<void> {
  const cone = await readPlain(join(agent.gitDir, CONE_FILE), MAX_CONE_BYTES)
  if (cone !== undefined) await writeFile(join(gitDir, CONE_FILE), cone)
}

/** Moves the agent's HEAD, by compare-and-swap. */
export async function moveHead(
  { git, agent, before, request }: CheckoutWork,
  after: string,
  how: string,
): Promise<void> {
  const args = ['update-ref', '-m', `git-task-isolation: refreshed (${how})`, 'HEAD', after, before]
  await withRefsOf(agent, request, (place) => git.run({ args, ...place }))
}

/** Gives the agent, and the manager, the index that the files were written with. */
export async function installIndexes({ agent, request }: CheckoutWork, indexFile: string): Promise<void> {
  await installIndex(indexFile, agent.gitDir)
  if (request.indexFile !== undefined) await copyIndex(indexFile, request.indexFile)
}
