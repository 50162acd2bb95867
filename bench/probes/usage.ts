import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { diskBytes, settleDisk } from '../plain-programs.js'
import { USAGE } from '../probe-names.js'
import { type Probe, timed } from './probe.js'

const MOST_REPEATS = 10

/** So many are prepared at the same time, which is quicker than one after the other, and no measurement. */
const AT_ONCE = 20

/** What asking for the disk usage of many workspaces costs, against adding up their folder by hand. */
export const usage: Probe = {
  name: ({ workspaces, files }) => USAGE.probe(workspaces, files),
  unit: 'ms',
  sizes: 'smallest',
  async run(place, { repeats, workspaces }) {
    const root = join(place.directory, 'usage')
    const manager = new WorkspaceManager({ root })
    const tasks = Array.from({ length: workspaces }, (_, index) => `used-${index}`)
    for (let at = 0; at < workspaces; at += AT_ONCE) {
      const some = tasks.slice(at, at + AT_ONCE)
      await Promise.all(some.map((taskId) => manager.prepare({ envId: 'bench', taskId, source: place.url })))
    }
    await settleDisk(place.directory)
    const asking: number[] = []
    const adding: number[] = []
    for (let repeat = 0; repeat < Math.min(repeats, MOST_REPEATS); repeat += 1) {
      asking.push(await timed(() => manager.diskUsage()))
      adding.push(await timed(() => diskBytes(root)))
    }
    // The workspaces go with the folder of the run.
    await manager.close()
    return { [USAGE.usage]: asking, [USAGE.du]: adding }
  },
}
