import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { catalogue, type Strategy } from 'git-task-isolation'
import { describeStrategy } from 'git-task-isolation/testing'
import { describe, expect, it } from 'vitest'

/** Runs the contract with a framework of our own and answers with the promises that were broken. */
async function brokenPromises(strategy: Strategy): Promise<string[]> {
  const checks: { name: string; body: () => Promise<void> }[] = []
  const framework = {
    describe: (_name: string, body: () => void) => body(),
    it: (name: string, body: () => Promise<void>) => void checks.push({ name, body }),
  }
  describeStrategy(strategy, { framework })
  const results = await Promise.allSettled(checks.map(({ body }) => body()))
  return checks.filter((_, index) => results[index]?.status === 'rejected').map(({ name }) => name)
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

describe('the contract finds a strategy that', () => {
  for (const { fault, strategy, promise } of broken) {
    it(fault, async () => expect(await brokenPromises(strategy)).toContain(promise))
  }
})
