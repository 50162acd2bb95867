import type { Progress } from 'git-task-isolation'

const STEPS: Readonly<Record<Progress['phase'], string>> = {
  lock: 'waiting for its turn',
  fetch: 'fetching',
  checkout: 'writing files',
  context: 'writing what the task is told',
}

/** What a prepare or a restore is doing, and how far it is. */
export function stepInWords({ phase, percent }: Progress): string {
  return percent === undefined ? STEPS[phase] : `${STEPS[phase]} ${Math.floor(percent)} %`
}
