import type { UnsavedWork } from 'git-task-isolation'
import { count } from '../amounts.js'

/** What exists nowhere else, in few words; empty where there is nothing. */
export function describeWork({ counts, tags, inProgress, nested, unknown }: UnsavedWork): string {
  const changes = counts.staged + counts.unstaged + counts.untracked
  const parts = [
    amount(counts.commits, 'commit', 'commits'),
    amount(changes, 'change', 'changes'),
    amount(counts.stashes, 'stash', 'stashes'),
    amount(tags.length, 'tag', 'tags'),
    ...inProgress.map((operation) => `a ${operation}`),
    amount(nested.length, 'repository inside', 'repositories inside'),
    ...unknown.map((why) => `unknown: ${why}`),
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function amount(number: number, one: string, many: string): string {
  return number === 0 ? '' : count(number, one, many)
}
