import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Workspace, WorkspaceManager } from 'git-task-isolation'
import type { Place, ProbesJob } from './jobs.js'
import { REUSE } from './probe-names.js'
import type { ProbeResults } from './results.js'

type Series = Readonly<Record<string, number[]>>

/** Something else that is worth a figure; its series are measured in turns. */
interface Probe {
  readonly name: string
  readonly unit: string
  run(place: Place, repeats: number): Promise<Series>
}

const reuse: Probe = {
  name: REUSE.probe,
  unit: 'ms',
  async run(place, repeats) {
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

/** A further probe is one more entry. */
const probes: readonly Probe[] = [reuse]

export async function runProbes({ place, repeats }: ProbesJob): Promise<ProbeResults> {
  const all: ProbeResults = []
  for (const { name, unit, run } of probes) {
    const series = Object.entries(await run(place, repeats))
    all.push({ probe: name, unit, series: series.map(([label, values]) => ({ name: label, values })) })
  }
  return all
}

/** `<environment>/tasks/<task>` is a task's folder, `<environment>/.git-task/sessions/<task>.json` its record. */
async function readRecord({ key, rootDir }: Workspace): Promise<unknown> {
  const file = join(rootDir, '../../.git-task/sessions', `${key.taskId}.json`)
  return JSON.parse(await readFile(file, 'utf8'))
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await action()
  return performance.now() - startedAt
}
