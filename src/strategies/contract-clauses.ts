import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isPresent, kindOf, namesIn } from '../fs/presence.js'
import { STAGE_FILES, type Stage } from './contract-stage.js'
import type { Strategy, StrategyTraits, Tree } from './strategy.js'

/** One promise of a strategy and how it is checked. */
export interface Clause {
  readonly promise: string
  readonly applies: (traits: StrategyTraits) => boolean
  readonly check: (strategy: Strategy, stage: Stage) => Promise<void>
}

const always = (): boolean => true
const owning = (traits: StrategyTraits): boolean => traits.ownsDirectory
const repository = (traits: StrategyTraits): boolean => traits.usesRepository
const sharing = (traits: StrategyTraits): boolean => traits.usesRepository && traits.sharesRefs
const separate = (traits: StrategyTraits): boolean => traits.usesRepository && !traits.sharesRefs

export const CLAUSES: readonly Clause[] = [
  { promise: 'makes the folder that the tree names', applies: always, check: makesFolder },
  { promise: 'answers with a tree that survives JSON', applies: always, check: treeIsPlainData },
  { promise: 'fills its own folder and no other', applies: owning, check: fillsItsFolder },
  {
    promise: 'leaves a folder of the caller as it is',
    applies: (traits) => !traits.ownsDirectory,
    check: leavesCallersFolder,
  },
  { promise: 'checks out the base commit, with a clean status', applies: repository, check: checksOutBase },
  {
    promise: 'creates the branch at the base, without an upstream',
    applies: repository,
    check: createsBranch,
  },
  { promise: 'detaches HEAD when no branch is asked for', applies: repository, check: detaches },
  {
    promise: 'keeps the branches of two trees apart from the repository',
    applies: separate,
    check: keepsRefsApart,
  },
  { promise: 'keeps its branches in the repository', applies: sharing, check: sharesRefs },
  { promise: 'makes eight trees at once', applies: owning, check: makesManyAtOnce },
  { promise: 'keeps the files of two trees apart', applies: owning, check: keepsFilesApart },
  {
    promise: 'leaves nothing behind when it is aborted before it starts',
    applies: owning,
    check: abortedEarly,
  },
  { promise: 'leaves nothing behind when it fails', applies: repository, check: failsCleanly },
  {
    promise: 'removes its tree, also a second time and from a later process',
    applies: owning,
    check: removes,
  },
  { promise: 'removes nothing but its own tree', applies: owning, check: removesOnlyItsOwn },
]

async function makesFolder(strategy: Strategy, stage: Stage): Promise<void> {
  const tree = await strategy.create(await stage.request('one'))
  assert.equal(await kindOf(tree.workDir), 'directory')
}

async function treeIsPlainData(strategy: Strategy, stage: Stage): Promise<void> {
  const tree = await strategy.create(await stage.request('one'))
  const said = Object.entries(tree).filter(([, value]) => value !== undefined)
  assert.deepEqual({ ...throughJson(tree) }, Object.fromEntries(said))
}

async function fillsItsFolder(strategy: Strategy, stage: Stage): Promise<void> {
  const request = await stage.request('one')
  const tree = await strategy.create(request)
  assert.equal(tree.workDir, request.workDir)
  assert.deepEqual(await namesIn(request.rootDir), ['workdir'])
}

async function leavesCallersFolder(strategy: Strategy, stage: Stage): Promise<void> {
  const tree = await strategy.create(await stage.request('one'))
  await assertFiles(tree.workDir)
  await strategy.remove(tree)
  await assertFiles(stage.callersFolder)
  assert.deepEqual((await namesIn(stage.callersFolder)).sort(), ['README.md', 'docs', 'src'])
}

async function checksOutBase(strategy: Strategy, stage: Stage): Promise<void> {
  const tree = await strategy.create(await stage.request('one'))
  assert.equal(await inTree(stage, tree, 'rev-parse', 'HEAD'), stage.commit)
  assert.equal(await inTree(stage, tree, 'status', '--porcelain'), '')
  await assertFiles(tree.workDir)
}

async function createsBranch(strategy: Strategy, stage: Stage): Promise<void> {
  const tree = await strategy.create(await stage.request('one'))
  assert.equal(await inTree(stage, tree, 'symbolic-ref', 'HEAD'), 'refs/heads/task/one')
  assert.equal(tree.branch, 'task/one')
  assert.equal(await inTree(stage, tree, 'for-each-ref', '--format=%(upstream)', 'refs/heads/task/one'), '')
}

async function detaches(strategy: Strategy, stage: Stage): Promise<void> {
  const tree = await strategy.create(await stage.request('one', { branch: undefined }))
  assert.equal(await inTree(stage, tree, 'rev-parse', '--symbolic-full-name', 'HEAD'), 'HEAD')
  assert.equal(await inTree(stage, tree, 'rev-parse', 'HEAD'), stage.commit)
  assert.equal(tree.branch, undefined)
}

async function keepsRefsApart(strategy: Strategy, stage: Stage): Promise<void> {
  const before = await refsOf(stage)
  const one = await strategy.create(await stage.request('one'))
  const other = await strategy.create(await stage.request('other'))
  await inTree(stage, one, 'update-ref', 'refs/heads/of-one', stage.commit)
  assert.equal(await inTree(stage, other, 'for-each-ref', 'refs/heads/of-one'), '')
  assert.equal(await refsOf(stage), before)
}

async function sharesRefs(strategy: Strategy, stage: Stage): Promise<void> {
  await strategy.create(await stage.request('one'))
  assert.match(await refsOf(stage), /refs\/heads\/task\/one$/m)
}

async function makesManyAtOnce(strategy: Strategy, stage: Stage): Promise<void> {
  const names = Array.from({ length: 8 }, (_, index) => `task-${index}`)
  const trees = await Promise.all(names.map(async (name) => strategy.create(await stage.request(name))))
  assert.equal(new Set(trees.map((tree) => tree.workDir)).size, names.length)
  if (!strategy.traits.usesRepository) return
  for (const tree of trees) assert.equal(await inTree(stage, tree, 'status', '--porcelain'), '')
}

async function keepsFilesApart(strategy: Strategy, stage: Stage): Promise<void> {
  const one = await strategy.create(await stage.request('one'))
  const other = await strategy.create(await stage.request('other'))
  await writeFile(join(one.workDir, 'only-here.txt'), 'mine\n')
  assert.equal(await isPresent(join(other.workDir, 'only-here.txt')), false)
}

async function abortedEarly(strategy: Strategy, stage: Stage): Promise<void> {
  const request = await stage.request('one', { signal: AbortSignal.abort() })
  const before = await refsOf(stage)
  await assert.rejects(strategy.create(request))
  await assertNothingLeft(stage, request.rootDir, before)
}

async function failsCleanly(strategy: Strategy, stage: Stage): Promise<void> {
  const missing = 'deadbeef'.repeat(5)
  const request = await stage.request('one', { base: { ref: missing, commit: missing } })
  const before = await refsOf(stage)
  await assert.rejects(strategy.create(request))
  await assertNothingLeft(stage, request.rootDir, before)
}

async function removes(strategy: Strategy, stage: Stage): Promise<void> {
  const tree = await strategy.create(await stage.request('one'))
  await strategy.remove(throughJson(tree))
  assert.equal(await isPresent(tree.workDir), false)
  assert.equal(await registrations(stage), 0)
  await strategy.remove(tree)
}

async function removesOnlyItsOwn(strategy: Strategy, stage: Stage): Promise<void> {
  const one = await strategy.create(await stage.request('one'))
  const other = await strategy.create(await stage.request('other'))
  await strategy.remove(one)
  assert.equal(await kindOf(other.workDir), 'directory')
  if (strategy.traits.usesRepository) assert.equal(await inTree(stage, other, 'status', '--porcelain'), '')
}

async function assertFiles(workDir: string): Promise<void> {
  for (const [path, content] of Object.entries(STAGE_FILES)) {
    assert.equal(await readFile(join(workDir, path), 'utf8'), content)
  }
}

async function assertNothingLeft(stage: Stage, rootDir: string, refsBefore: string): Promise<void> {
  assert.deepEqual(await namesIn(rootDir), [])
  assert.equal(await refsOf(stage), refsBefore)
  assert.equal(await registrations(stage), 0)
}

async function inTree({ git }: Stage, tree: Tree, ...args: string[]): Promise<string> {
  return (await git.run({ args, cwd: tree.workDir })).stdout.trimEnd()
}

async function refsOf({ git, repository: { gitDir } }: Stage): Promise<string> {
  return (await git.run({ args: ['for-each-ref'], gitDir })).stdout.trimEnd()
}

async function registrations({ repository: { gitDir } }: Stage): Promise<number> {
  return (await namesIn(join(gitDir, 'worktrees'))).length
}

function throughJson(tree: Tree): Tree {
  return JSON.parse(JSON.stringify(tree))
}
