import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { plainGit } from '../plain-programs.js'
import { LOOK } from '../probe-names.js'
import { lookInto } from './look-into.js'
import { type Probe, timed } from './probe.js'

const MOST_REPEATS = 40

/** What looking for unsaved work costs, against asking git for the status. */
export const look: Probe = {
  name: ({ files }) => LOOK.probe(files),
  unit: 'ms',
  sizes: 'every',
  async run(place, { repeats }) {
    const manager = new WorkspaceManager({ root: join(place.directory, 'look') })
    const workspace = await manager.prepare({ envId: 'bench', taskId: 'looked-into', source: place.url })
    const looking: number[] = []
    const status: number[] = []
    for (let repeat = 0; repeat < Math.min(repeats, MOST_REPEATS); repeat += 1) {
      looking.push(await lookInto(workspace))
      status.push(await timed(() => plainGit('-C', workspace.workDir, 'status', '--porcelain')))
    }
    await workspace.cleanup({ onUnsavedWork: 'discard' })
    await manager.close()
    return { [LOOK.look]: looking, [LOOK.status]: status }
  },
}
