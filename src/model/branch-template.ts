import type { WorkspaceKey } from './workspace-key.js'

const PLAIN = 'agent/{agent}/{task}'
const WITH_RUN = 'agent/{agent}/run-{run}/task-{task}'
/** For a task whose own branch would be the folder of its runs; no id has an "@" in it. */
const BESIDE_ITSELF = 'agent/{agent}/{task}@{run}'

/** What `{run}` says where there is no run; a run that is called like that gets an "@". */
const NO_RUN = 'none'

/** The agent's part of a branch when the request names no agent. */
const NAMELESS_AGENT = 'default'

/**
 * The branch of a task. A template without `{run}` gets the run appended, so that a retry never meets its
 * predecessor's branch: neither has the other's name, and neither is a folder of the other. Runs that differ only in
 * case have names that do. The result still has to pass git's rules for branch names.
 */
export function expandBranchTemplate(
  template: string | undefined,
  key: WorkspaceKey,
  agentName: string | undefined,
): string {
  const chosen = template ?? defaultTemplate(key)
  const hasRun = chosen.includes('{run}')
  const complete = key.runId !== undefined && !hasRun ? `${chosen}-run-{run}` : chosen
  const values: Readonly<Record<string, string>> = {
    agent: branchPart(agentName) ?? NAMELESS_AGENT,
    task: key.taskId,
    run: template !== undefined && hasRun ? runOrNone(key) : (key.runId ?? NO_RUN),
    env: key.envId,
  }
  return complete.replace(/\{(agent|task|run|env)\}/g, (_, name: string) => values[name] ?? '')
}

function defaultTemplate({ taskId, runId }: WorkspaceKey): string {
  if (runId === undefined) return PLAIN
  return taskId.toLowerCase() === `run-${runId}`.toLowerCase() ? BESIDE_ITSELF : WITH_RUN
}

/** Told apart without regard to case, as a file system may do it. */
function runOrNone({ runId }: WorkspaceKey): string {
  if (runId === undefined) return NO_RUN
  return runId.toLowerCase() === NO_RUN ? `@${runId}` : runId
}

/** An agent's name is free text: what a branch cannot hold becomes a dash. The request's own ids are never changed. */
function branchPart(agentName: string | undefined): string | undefined {
  const part = agentName
    ?.replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[-.]+|[-.]+$|\.lock$/gi, '')
  return part || undefined
}

/** The n-th free-name candidate for a taken branch: `name-2`, `name-3`, … */
export function suffixedBranch(name: string, attempt: number): string {
  return `${name}-${attempt + 1}`
}

/**
 * The names to try for a branch, the wanted one first. Where a part of its folder is itself a branch, no name below it
 * can ever be one: then that part counts up (`agent-2/x`), before the last one does.
 */
export function branchCandidates(
  wanted: string,
  isBranch: (name: string) => boolean,
  maxSuffixes: number,
): string[] {
  const parts = wanted.split('/')
  const last = parts.pop() ?? ''
  let folder = ''
  for (const part of parts) {
    const free = counted(part, maxSuffixes).find((name) => !isBranch(folder + name))
    if (free === undefined) return [wanted]
    folder += `${free}/`
  }
  return counted(last, maxSuffixes).map((name) => folder + name)
}

/** Whether a branch is one of the names that `branchCandidates` tries for another. */
export function isCandidateFor(wanted: string, branch: string): boolean {
  const [parts, others] = [wanted.split('/'), branch.split('/')]
  const isCounted = (part: string, other = '') =>
    other === part || (other.startsWith(`${part}-`) && /^[1-9]\d*$/.test(other.slice(part.length + 1)))
  return parts.length === others.length && parts.every((part, index) => isCounted(part, others[index]))
}

function counted(name: string, maxSuffixes: number): string[] {
  return [name, ...Array.from({ length: maxSuffixes }, (_, index) => suffixedBranch(name, index + 1))]
}
