import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { installGitCounter } from './git-counter.js'
import type { RepositoryShape } from './history.js'
import type { Place } from './jobs.js'
import type { Plan, PlannedCell, PlannedFootprint, PlannedLoad } from './plan.js'
import { makeMirror, makeRepository } from './repositories.js'
import {
  type Cell,
  type Footprint,
  footprintResult,
  type Load,
  type LoadResult,
  loadResult,
  probeResults,
  type Results,
  roundsResult,
} from './results.js'
import { runJob } from './run-job.js'
import { discard, emptyTrashWhenFull, hasRoomFor, makeTrash, type TrashFolder } from './trash.js'

export type Measured = Pick<Results, 'repositories' | 'cells' | 'loads' | 'footprints' | 'probes'>

/** Hears what is being measured, since a full run takes its time. */
export type Say = (what: string) => void

/** Measures repository after repository, and within each cell after cell. */
export async function measure(directory: string, plan: Plan, say: Say): Promise<Measured> {
  const trash = await makeTrash(join(directory, 'trash'))
  const measured: Measured = { repositories: [], cells: [], loads: [], footprints: [], probes: [] }
  for (const shape of plan.repositories) {
    const folder = join(directory, `${shape.files}-files`)
    await mkdir(folder)
    await measureRepository({ folder, trash, plan, say, measured }, shape)
  }
  return measured
}

interface Run {
  readonly folder: string
  readonly trash: TrashFolder
  readonly plan: Plan
  readonly say: Say
  readonly measured: Measured
}

async function measureRepository(run: Run, shape: RepositoryShape): Promise<void> {
  const { folder, plan, say, measured } = run
  say(`a repository of ${shape.files} files and ${shape.commits} commits`)
  const repository = await makeRepository(join(folder, 'upstream.git'), shape)
  measured.repositories.push(repository.facts)
  const mirror = await makeMirror(join(folder, 'mirror.git'), repository)
  const isOfThis = ({ files }: { readonly files: number }) => files === shape.files
  const inPlace = placer({ directory: join(folder, 'place'), url: repository.url, mirror, trash: run.trash })
  for (const cell of plan.cells.filter(isOfThis)) {
    if (await hasRoomFor(run.trash, cell.files * cell.tasks))
      measured.cells.push(await measureCell(inPlace, say, cell))
    else say(`${cell.files} files, ${cell.tasks} at once: left out, since there is not enough disk`)
  }
  for (const load of plan.loads.filter(isOfThis)) measured.loads.push(await measureLoads(inPlace, say, load))
  for (const footprint of plan.footprints.filter(isOfThis))
    measured.footprints.push(await measureFootprint(inPlace, say, footprint))
  if (plan.probeRepeats > 0) await measureProbes(inPlace, run, shape)
}

type InPlace = <T>(action: (place: Place) => Promise<T>) => Promise<T>

/** Gives every job a folder of its own for as long as it takes. */
function placer(place: Place): InPlace {
  return async (action) => {
    await mkdir(place.directory)
    const result = await action(place)
    await discard(place.trash, place.directory)
    await emptyTrashWhenFull(place.trash)
    return result
  }
}

async function measureCell(inPlace: InPlace, say: Say, cell: PlannedCell): Promise<Cell> {
  const { files, ...work } = cell
  say(`${files} files, ${cell.tasks} at once: up to ${cell.rounds} rounds of ${cell.contenders.length}`)
  const contenders = await inPlace((place) => runJob({ kind: 'rounds', place, ...work }, roundsResult))
  return { files, tasks: cell.tasks, contenders }
}

async function measureLoads(inPlace: InPlace, say: Say, planned: PlannedLoad): Promise<Load> {
  const { files, tasks, contender } = planned
  say(`${files} files, ${tasks} at once: what ${contender} asks of the orchestrator`)
  const runs: LoadResult[] = []
  for (let run = 0; run < planned.runs; run += 1)
    runs.push(await inPlace((place) => runJob({ kind: 'load', place, contender, tasks }, loadResult)))
  return { contender, files, tasks, runs }
}

async function measureFootprint(inPlace: InPlace, say: Say, planned: PlannedFootprint): Promise<Footprint> {
  const { files, tasks, contender } = planned
  say(`${files} files: processes and disk of ${contender}`)
  return inPlace(async (place) => {
    const at = (name: string) => join(place.directory, name)
    const gitCounter = { startedFile: at('git-started'), processesDir: at('git-processes') }
    const path = await installGitCounter(at('counting-git'), gitCounter)
    const job = { kind: 'footprint', place, contender, tasks, gitCounter } as const
    return { ...(await runJob(job, footprintResult, path)), files, tasks }
  })
}

async function measureProbes(inPlace: InPlace, run: Run, { files }: RepositoryShape): Promise<void> {
  const { plan, say, measured } = run
  say(`${files} files: probes`)
  const size = plan.repositories.some((other) => other.files < files) ? 'larger' : 'smallest'
  const { probeRepeats: repeats, probeWorkspaces: workspaces } = plan
  const job = { kind: 'probes', repeats, workspaces, files, size } as const
  measured.probes.push(...(await inPlace((place) => runJob({ ...job, place }, probeResults))))
}
