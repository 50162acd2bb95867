import { rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { throwIfStopped } from '../../errors/stop-reason.js'
import { assertStillHolding } from '../../fs/lock-context.js'
import { isPresent } from '../../fs/presence.js'
import { temporaryName } from '../../fs/temporary-name.js'
import { deleteTree } from '../../fs/trash.js'
import type { PrepareSettings } from '../../model/prepare-request.js'
import { RisingPercent } from '../../model/rising-percent.js'
import type { SessionRecord, Tree } from '../../model/session-record.js'
import type { Strategy } from '../../strategies/strategy.js'
import { indexFileOf } from '../looking/index-file.js'
import type { Services } from '../services.js'
import type { UndoStack } from '../undo-stack.js'
import { deleteUnusedBranch } from '../unused-branch.js'
import { assertUsableTree } from './assert-usable-tree.js'
import type { OpenedBase } from './open-base.js'

/** What the steps of one creation pass on. */
export interface Creation {
  readonly services: Services
  readonly settings: PrepareSettings
  readonly strategy: Strategy
  readonly undo: UndoStack
}

/** A branch and the commit that it is at. */
export interface BranchTip {
  readonly branch: string
  readonly commit: string
}

/** What is done otherwise where a workspace is not made anew. */
export interface CreationParts {
  /** A branch that stands where the workspace's own belongs, and may be replaced by it. */
  readonly replaceable: (creation: Creation) => Promise<BranchTip | undefined>
  /** As of `CreateRequest`. */
  readonly lineEnds?: 'as committed' | undefined
  readonly openBase: (creation: Creation) => Promise<OpenedBase | undefined>
  readonly afterCheckout: (creation: Creation, record: SessionRecord, tree: Tree) => Promise<void>
  readonly afterFiles: (creation: Creation, record: SessionRecord, contextDir: string) => Promise<void>
}

/** Marks the beginning of a step: the last moment to stop before it. */
export async function step(services: Services, settings: PrepareSettings, name: string): Promise<void> {
  await services.beforeStep('prepare', name)
  throwIfStopped(settings.signal)
  await assertStillHolding()
}

/** Lets the strategy make the checkout, as one of a bounded number at once. */
export async function checkoutStep(
  { services, settings, strategy, undo }: Creation,
  record: SessionRecord,
  opened: OpenedBase | undefined,
  lineEnds: CreationParts['lineEnds'],
): Promise<Tree> {
  await step(services, settings, 'checkout')
  settings.onProgress?.({ phase: 'checkout' })
  const progress = new RisingPercent((percent) => settings.onProgress?.({ phase: 'checkout', percent }))
  // Under a name of its own, since a git that outlived a killed orchestrator may still hold the final one's lock.
  const final = indexFileOf(services, settings.key)
  const indexFile = join(dirname(final), temporaryName(basename(final)))
  let tree = plannedTree(record, opened)
  let isMade = false
  // After the checkout is gone, since deleting a branch takes a file, and the disk may be full.
  undo.defer('branch', async () => {
    if (isMade) await deleteNewBranch({ services, settings, strategy }, tree)
  })
  undo.defer('checkout', async () => {
    await strategy.remove(tree)
    await assertStillHolding()
    if (strategy.traits.ownsDirectory) await deleteTree(tree.workDir)
    for (const file of [indexFile, final]) await rm(file, { force: true })
  })
  const create = () =>
    strategy.create({
      key: settings.key,
      rootDir: record.rootDir,
      workDir: record.workDir,
      branch: record.branch,
      base: opened?.base,
      repository: opened?.repository,
      originUrl: opened?.originUrl,
      sourcePath: settings.source?.kind === 'path' ? settings.source.path : undefined,
      indexFile: strategy.traits.usesRepository ? indexFile : undefined,
      signal: settings.signal,
      shape: settings.shape,
      lineEnds,
      onProgress: settings.onProgress && progress.part(0, 100),
    })
  const made = await services.checkouts.run(create, settings.signal)
  assertUsableTree(services, strategy, record, made)
  tree = made
  isMade = true
  progress.end()
  await assertStillHolding()
  if (await isPresent(indexFile)) await rename(indexFile, final)
  return tree
}

async function deleteNewBranch(
  { services, settings, strategy }: Pick<Creation, 'services' | 'settings' | 'strategy'>,
  { workDir, gitDir, branch, baseCommit: commit }: Tree,
): Promise<void> {
  if (!strategy.traits.sharesRefs || gitDir === undefined || branch === undefined || commit === undefined)
    return
  const { envId } = settings.key
  await deleteUnusedBranch(services, { envId, gitDir, branch, commit, workDir })
}

/** What is known of a tree before it is made: enough to remove what there may be of it. */
export function plannedTree(record: SessionRecord, opened: OpenedBase | undefined): Tree {
  return {
    workDir: record.workDir,
    gitDir: opened?.repository.gitDir,
    branch: record.branch,
    baseCommit: opened?.base.commit,
  }
}
