import type { Place } from '../jobs.js'

/** Does everything that happens once and is not measured. */
export type Opener = (place: Place) => Promise<OpenContender>

/** A contender that can be asked for checkouts. */
export interface OpenContender {
  prepare(task: string): Promise<void>
  /** The task's checkout. */
  workDir(task: string): string
  /** What there is of a task, by kind: to see what a failed one left. */
  traces(task: string): Promise<string[]>
  /** Moves all tasks into the trash: it is as it was when it was opened. */
  reset(): Promise<void>
  /** All the folders that it writes to. */
  readonly folders: readonly string[]
  close(): Promise<void>
}
