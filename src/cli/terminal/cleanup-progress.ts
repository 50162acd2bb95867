import type { WorkspaceManager } from 'git-task-isolation'
import { nameOf } from '../shown-key.js'
import type { ProgressLine } from './progress-line.js'

/** Says of a mass removal which workspace it is at, and how many are done. */
export function followCleanups(manager: WorkspaceManager, progress: ProgressLine, doing: string): void {
  let done = 0
  const say = (name: string): void => progress.say(done === 0 ? name : `${name}, ${done} done`)
  progress.say(doing)
  manager.on('cleanup.started', ({ key }) => say(`${doing} ${nameOf(key)}`))
  manager.on('cleanup.completed', () => {
    done += 1
    say(doing)
  })
}
