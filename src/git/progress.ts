/** How far git is with one stage of its work. */
export interface GitProgress {
  /** git's own words: 'Receiving objects', 'Resolving deltas', 'Updating files', … */
  readonly stage: string
  /** 0 to 100. */
  readonly percent: number
}

const PROGRESS = /^(?:remote: )?([A-Z][A-Za-z ]{2,60}): +(\d{1,3})%/

/**
 * Reads one line of git's progress ("Receiving objects:  42% (8/19)"), its own or, with "remote: " before
 * it, the server's; undefined for any other line.
 */
export function parseProgress(line: string): GitProgress | undefined {
  const [, stage, percent] = PROGRESS.exec(line) ?? []
  if (stage === undefined || percent === undefined || Number(percent) > 100) return undefined
  return { stage, percent: Number(percent) }
}
