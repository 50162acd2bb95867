import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { catalogue, type Strategy } from 'git-task-isolation'
import { describeStrategy } from 'git-task-isolation/testing'
import { describe, expect, it } from 'vitest'

/** Runs the check of one promise with a framework of our own, and answers whether it found that it was broken. */
async function findsBroken(strategy: Strategy, promise: string): Promise<boolean> {
  const checks = new Map<string, () => Promise<void>>()
  const framework = {
    describe: (_name: string, body: () => void) => body(),
    it: (name: string, body: () => Promise<void>) => void checks.set(name, body),
  }
  describeStrategy(strategy, { framework })
  const check = checks.get(promise)
  if (check === undefined) throw new Error(`the contract has no promise "${promise}"`)
  return check().then(
    () => false,
    () => true,
  )
}

const { clone, worktree, directory } = catalogue

const broken: { fault: string; strategy: Strategy; promise: string }[] = [
  {
    fault: 'leaves a file beside the checkout',
    strategy: {
      ...clone,
      create: async (request) => {
        await writeFile(join(request.rootDir, 'left-over'), '')
        return clone.create(request)
      },
    },
    promise: 'fills its own folder and no other',
  },
  {
    fault: 'goes on when it is aborted',
    strategy: { ...directory, create: (request) => directory.create({ ...request, signal: undefined }) },
    promise: 'leaves nothing behind when it is aborted before it starts',
  },
  {
    fault: 'leaves its folder when it fails',
    strategy: {
      ...clone,
      create: async (request) => {
        try {
          return await clone.create(request)
        } catch (error) {
          await mkdir(request.workDir)
          throw error
        }
      },
    },
    promise: 'leaves nothing behind when it fails',
  },
  {
    fault: 'removes nothing',
    strategy: { ...worktree, remove: () => Promise.resolve() },
    promise: 'removes its tree, also a second time and from a later process',
  },
  {
    fault: 'ignores the branch',
    strategy: { ...clone, create: (request) => clone.create({ ...request, branch: undefined }) },
    promise: 'creates the branch at the base, without an upstream',
  },
  {
    fault: 'says that its refs are its own, and shares them',
    strategy: { ...worktree, traits: { ...worktree.traits, sharesRefs: false } },
    promise: 'keeps the branches of two trees apart from the repository',
  },
  {
    fault: 'answers with something that JSON loses',
    strategy: {
      ...directory,
      create: async (request) => ({ ...(await directory.create(request)), at: new Date() }),
    },
    promise: 'answers with a tree that survives JSON',
  },
]

describe.each(broken)('the contract finds a strategy that $fault', ({ strategy, promise }) => {
  it(`"${promise}" fails`, async () => expect(await findsBroken(strategy, promise)).toBe(true))
})
