import type { WorkspaceKey } from './workspace-key.js'

const PLAIN = 'agent/{agent}/{task}'
const WITH_RUN = 'agent/{agent}/run-{run}/task-{task}'

/** The agent's part of a branch when the request names no agent. */
const NAMELESS_AGENT = 'default'

/**
 * The branch of a task. A template without `{run}` gets the run appended, so that a retry never meets
 * its predecessor's branch. The result still has to pass git's rules for branch names.
 */
export function expandBranchTemplate(
  template: string | undefined,
  key: WorkspaceKey,
  agentName: string | undefined,
): string {
  const chosen = template ?? (key.runId === undefined ? PLAIN : WITH_RUN)
  const complete = key.runId !== undefined && !chosen.includes('{run}') ? `${chosen}-run-{run}` : chosen
  const values: Readonly<Record<string, string>> = {
    agent: branchPart(agentName) ?? NAMELESS_AGENT,
    task: key.taskId,
    run: key.runId ?? 'none',
    env: key.envId,
  }
  return complete.replace(/\{(agent|task|run|env)\}/g, (_, name: string) => values[name] ?? '')
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
