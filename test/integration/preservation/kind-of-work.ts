import type { Workspace } from 'git-task-isolation'
import type { Stage } from '../verbs/stage.js'

/** Something that an agent does and that exists nowhere else then. */
export interface KindOfWork {
  readonly name: string
  readonly make: (workspace: Workspace, stage: Stage) => Promise<unknown>
}
