import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Workspace, WorkspaceManager } from 'git-task-isolation'
import { REUSE } from '../probe-names.js'
import { type Probe, timed } from './probe.js'

/** What a task pays that asks for the workspace it has, against reading the file that says it has one. */
export const reuse: Probe = {
  name: () => REUSE.probe,
  unit: 'ms',
  sizes: 'smallest',
  async run(place, { repeats }) {
    const manager = new WorkspaceManager({ root: join(place.directory, 'reuse') })
    const request = { envId: 'bench', taskId: 'reused', source: place.url }
    const workspace = await manager.prepare(request)
    const again: number[] = []
    const reading: number[] = []
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      again.push(await timed(() => manager.prepare(request)))
      reading.push(await timed(() => readRecord(workspace)))
    }
    await workspace.cleanup({ onUnsavedWork: 'discard' })
    await manager.close()
    return { [REUSE.again]: again, [REUSE.reading]: reading }
  },
}

/** `<environment>/tasks/<task>` is a task's folder, `<environment>/.git-task/sessions/<task>.json` its record. */
async function readRecord({ key, rootDir }: Workspace): Promise<unknown> {
  const file = join(rootDir, '../../.git-task/sessions', `${key.taskId}.json`)
  return JSON.parse(await readFile(file, 'utf8'))
}
