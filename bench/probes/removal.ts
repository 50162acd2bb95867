import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { settleDisk } from '../plain-programs.js'
import { REMOVAL } from '../probe-names.js'
import { lookInto } from './look-into.js'
import { type Probe, timed } from './probe.js'

const MOST_REPEATS = 10

/** What a cleanup adds to the look that comes first; each is of a workspace of its own, looked into just before. */
export const removal: Probe = {
  name: ({ files }) => REMOVAL.probe(files),
  unit: 'ms',
  sizes: 'every',
  async run(place, { repeats }) {
    const root = join(place.directory, 'removal')
    const cleanup: number[] = []
    const looking: number[] = []
    for (let repeat = 0; repeat < Math.min(repeats, MOST_REPEATS); repeat += 1) {
      const manager = new WorkspaceManager({ root })
      const workspace = await manager.prepare({
        envId: 'bench',
        taskId: `removed-${repeat}`,
        source: place.url,
      })
      await settleDisk(place.directory)
      looking.push(await lookInto(workspace))
      cleanup.push(await timed(() => workspace.cleanup()))
      // The files of this one would else be deleted while the next one is measured.
      await manager.sweep()
      await manager.close()
    }
    return { [REMOVAL.cleanup]: cleanup, [REMOVAL.look]: looking }
  },
}
