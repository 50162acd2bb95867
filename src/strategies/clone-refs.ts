import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CloneParts, UPSTREAM, UPSTREAM_HEAD, upstreamHeadOf, writeRef } from './clone-parts.js'
import type { CreateRequest, StrategyRepository } from './strategy.js'

/** Which upstream refs a clone has, and which of them `git fetch` brings. */
export interface CloneRefs {
  /** As the content of a `packed-refs` file. */
  readonly packed: string
  /** The content of `refs/remotes/origin/HEAD`. */
  readonly head?: string | undefined
  readonly fetch?: string | undefined
  /** The tag that a shallow clone is made from, which may be an object of its own. */
  readonly tag?: string | undefined
}

/** All upstream branches and tags; of a shallow clone only what it was made from, as of `git clone --depth`. */
export async function refsForClone(
  parts: CloneParts,
  repository: StrategyRepository,
  { shape, base, signal }: CreateRequest,
): Promise<CloneRefs> {
  const packed = await parts.packedRefs(repository, signal)
  // Only a name among the copied branches has a meaning in the clone.
  const head = await upstreamHeadOf(repository.gitDir)
  if (shape?.depth === undefined || base === undefined)
    return { packed, head, fetch: `+refs/heads/*:${UPSTREAM}*` }
  return refsOfBase(packed, head, base)
}

export async function writeCloneRefs(gitDir: string, { packed, head }: CloneRefs): Promise<void> {
  await writeFile(join(gitDir, 'packed-refs'), packed)
  if (head !== undefined) await writeRef(gitDir, UPSTREAM_HEAD, head)
}

/** The upstream branch that a base names; undefined for one that is a tag or a commit. */
export function upstreamBranch(ref: string): string {
  return `${UPSTREAM}${ref.replace(/^refs\/heads\//, '')}`
}

function refsOfBase(
  packed: string,
  head: string | undefined,
  { ref, commit }: { readonly ref: string; readonly commit: string },
): CloneRefs {
  const [firstLine = '', ...lines] = packed.trimEnd().split('\n')
  const find = (name: string) => lines.find((line) => line.endsWith(` ${name}`))
  const branch = upstreamBranch(ref)
  if (find(branch) !== undefined) {
    const name = branch.slice(UPSTREAM.length)
    return {
      // Where it was when the base was found, whatever was fetched since: the cut fits that commit.
      packed: `${firstLine}\n${commit} ${branch}\n`,
      head: head?.trim() === `ref: ${branch}` ? head : undefined,
      fetch: `+refs/heads/${name}:${branch}`,
    }
  }
  const tag = `refs/tags/${ref.replace(/^refs\/tags\//, '')}`
  const line = find(tag)
  if (line === undefined) return { packed: `${firstLine}\n` }
  return { packed: `${firstLine}\n${line}\n`, fetch: `+${tag}:${tag}`, tag: line.split(' ')[0] }
}
