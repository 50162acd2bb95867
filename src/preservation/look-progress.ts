import { join } from 'node:path'
import { kindsOf } from '../fs/presence.js'
import { type AgentGitDir, readRootRefs } from '../git/agent-git-dir.js'

/** What git leaves in the git dir for as long as something is half done; see git's wt-status.c. */
const MARKS = {
  'rebase-apply/applying': 'am',
  'rebase-apply': 'rebase',
  'rebase-merge': 'rebase',
  MERGE_HEAD: 'merge',
  CHERRY_PICK_HEAD: 'cherry-pick',
  REVERT_HEAD: 'revert',
  sequencer: 'cherry-pick',
  BISECT_LOG: 'bisect',
} as const

/** What was begun in a checkout and not ended, though its files may say nothing of it. */
export async function operationsInProgress(agent: AgentGitDir): Promise<string[]> {
  const others = await readRootRefs(agent)
  const kinds = await kindsOf(Object.keys(MARKS).map((mark) => join(agent.gitDir, mark)))
  const marks = Object.entries(MARKS).filter(([mark], at) => others.has(mark) || kinds[at] !== 'absent')
  const found = new Set<string>()
  for (const [mark, operation] of marks) {
    const isPartOfAnother =
      (mark === 'rebase-apply' && found.has('am')) ||
      (mark === 'sequencer' && (found.has('cherry-pick') || found.has('revert')))
    if (!isPartOfAnother) found.add(operation)
  }
  return [...found]
}
