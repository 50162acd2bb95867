import { contenderOf } from './contenders/field.js'
import type { RepositoryShape } from './history.js'
import { PACES } from './pace.js'

/** What a run measures. */
export interface Plan {
  readonly repositories: readonly RepositoryShape[]
  readonly cells: readonly PlannedCell[]
  readonly loads: readonly PlannedLoad[]
  readonly footprints: readonly PlannedFootprint[]
  readonly probeRepeats: number
  /** For the probes that are about many workspaces, which are of the smallest repository. */
  readonly probeWorkspaces: number
}

/** Rounds of all contenders that can take part, side by side. */
export interface PlannedCell {
  readonly files: number
  readonly tasks: number
  readonly contenders: string[]
  readonly rounds: number
  readonly secondsAtMost: number
  readonly roundsAtLeast: number
}

export interface PlannedLoad {
  readonly files: number
  readonly tasks: number
  readonly contender: string
  readonly runs: number
}

export interface PlannedFootprint {
  readonly files: number
  readonly tasks: number
  readonly contender: string
}

/** What the caller chose. */
export interface PlanSettings {
  readonly pace: 'full' | 'quick'
  readonly files: readonly number[]
  readonly tasks: readonly number[]
  readonly contenders: readonly string[]
  /** A cell with more files in all its tasks together is left out; undefined: as the pace says. */
  readonly mostFilesAtOnce: number | undefined
  /** In place of as many as the size of a cell allows. */
  readonly rounds: number | undefined
  readonly parts: readonly Part[]
}

export const PARTS = ['rounds', 'load', 'footprint', 'probes'] as const

export type Part = (typeof PARTS)[number]

export function planRun(settings: PlanSettings): Plan {
  const pace = PACES[settings.pace]
  const has = (part: Part) => settings.parts.includes(part)
  return {
    repositories: settings.files.map((files) => ({
      files,
      commits: Math.min(files * pace.commitsPerFile, pace.mostCommits),
    })),
    cells: has('rounds') ? planCells(settings) : [],
    loads: has('load') ? planLoads(settings) : [],
    footprints: has('footprint') ? planFootprints(settings) : [],
    probeRepeats: has('probes') ? pace.probeRepeats : 0,
    probeWorkspaces: planWorkspaces(settings),
  }
}

function planWorkspaces({ pace, files, ...settings }: PlanSettings): number {
  const { probeWorkspaces, mostFilesAtOnce } = PACES[pace]
  const most = Math.floor((settings.mostFilesAtOnce ?? mostFilesAtOnce) / Math.min(...files))
  return Math.max(1, Math.min(probeWorkspaces, most))
}

function planCells(settings: PlanSettings): PlannedCell[] {
  const { secondsAtMost, roundsAtLeast, ...pace } = PACES[settings.pace]
  const mostFilesAtOnce = settings.mostFilesAtOnce ?? pace.mostFilesAtOnce
  return settings.files.flatMap((files) =>
    settings.tasks
      .filter((tasks) => tasks === 1 || files * tasks <= mostFilesAtOnce)
      .map((tasks) => ({
        files,
        tasks,
        contenders: settings.contenders.filter((id) => takesPart(id, files, tasks)),
        rounds: settings.rounds ?? roundsOf(settings.pace, files * tasks),
        secondsAtMost,
        roundsAtLeast,
      })),
  )
}

/** The orchestrator's own effort does not depend on the files, so that the smallest repository will do. */
function planLoads(settings: PlanSettings): PlannedLoad[] {
  const smallest = Math.min(...settings.files)
  const most = Math.max(...settings.tasks)
  const runs = PACES[settings.pace].loadRuns
  return besidesTime(settings)
    .filter((contender) => takesPart(contender, smallest, most))
    .map((contender) => ({ files: smallest, tasks: most, contender, runs }))
}

function planFootprints(settings: PlanSettings): PlannedFootprint[] {
  const tasks = PACES[settings.pace].footprintTasks
  const contenders = besidesTime(settings).filter((id) => takesPart(id, 1, 1))
  return settings.files.flatMap((files) => contenders.map((contender) => ({ files, tasks, contender })))
}

function besidesTime({ pace, contenders }: PlanSettings): string[] {
  return contenders.filter((id) => PACES[pace].besidesTime.includes(id))
}

/** One at a time is the same as at once where there is one. */
function takesPart(id: string, files: number, tasks: number): boolean {
  if (id === 'worktree-add-locked' && tasks === 1) return false
  return tasks === 1 || files * tasks <= contenderOf(id).mostFilesAtOnce
}

function roundsOf(pace: PlanSettings['pace'], files: number): number {
  const { rounds, roundsAtLeast } = PACES[pace]
  return rounds.find(({ mostFiles }) => files <= mostFiles)?.rounds ?? roundsAtLeast
}
