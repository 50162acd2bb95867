import { leftovers } from '../helpers/leftovers.js'
import { git } from '../helpers/run-git.js'
import type { Place } from './place.js'

/** Broken objects stay broken, so that not every round has to look. */
const DEEP_LOOK_EVERY = 5

/**
 * What is in the upstream and the mirror that no agent put there. What agents saved is taken out, so that all rounds
 * begin alike.
 */
export async function repositoryProblems(place: Place, round: number): Promise<string[]> {
  const { upstream } = place
  const branches = await upstream.branches()
  const saved = branches.filter((name) => name.startsWith('saved/'))
  if (saved.length > 0) await upstream.git('branch', '--quiet', '-D', ...saved)
  const others = branches.filter((name) => name !== upstream.defaultBranch && !saved.includes(name))
  const deep = round % DEEP_LOOK_EVERY === 0 ? await leftovers(place.root, 'shop', upstream) : []
  return [
    ...others.map((name) => `the upstream has the branch ${name}`),
    ...(place.sourceKind === 'path' ? await callersProblems(upstream.path) : []),
    ...deep.map((path) => `left: ${path}`),
  ]
}

/** A repository of the caller's own is checked out as it was. */
async function callersProblems(path: string): Promise<string[]> {
  const status = await git(path, 'status', '--porcelain', '--branch')
  return status === '## main' ? [] : [`the caller's repository has changed: ${status}`]
}
