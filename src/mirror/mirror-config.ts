import { readFile } from 'node:fs/promises'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { writeFileAtomic } from '../fs/atomic-write.js'
import { quoteConfigValue } from '../model/git-config-value.js'
import { asPartialClone } from '../model/partial-clone-config.js'
import type { ObjectFilter } from '../model/shape.js'

/**
 * What every mirror is configured with, after what `git init` found out about the file system.
 * Nothing is ever pruned: workspaces borrow objects, and registrations may be absent only for a while. That objects are
 * precious binds the git of agents with worktrees too, also where the repository's format is the oldest.
 */
export async function writeMirrorConfig(
  gitDir: string,
  originUrl: string,
  filter?: ObjectFilter,
): Promise<void> {
  const file = join(gitDir, 'config')
  const probed = await readFile(file, 'utf8')
  const content = `${probed.trimEnd()}\n${mirrorSections(originUrl)}`
  await writeFileAtomic(file, filter === undefined ? content : asPartialClone(content, filter))
}

export function mirrorSections(originUrl: string): string {
  return `[remote "origin"]
\turl = ${quoteConfigValue(originUrl)}
\tfetch = +refs/heads/*:refs/remotes/origin/*
[core]
\thooksPath = ${quoteConfigValue(devNull)}
\tpackedRefsTimeout = 10000
\tfilesRefLockTimeout = 10000
\tlogAllRefUpdates = true
[extensions]
\tpreciousObjects = true
[gc]
\tauto = 0
\tpruneExpire = never
\tworktreePruneExpire = never
[maintenance]
\tauto = false
[fetch]
\tunpackLimit = 1
[branch]
\tautoSetupMerge = false
`
}
