import type { AgentContext } from '../model/prepare-request.js'

/** The folder in the checkout that tells an agent what its task is. */
export const CONTEXT_FOLDER = '.agent_context'
export const ISSUE_FILE = 'issue_context.md'

/** Every file of the context folder by relative path. The ignore file hides the folder from git, itself included. */
export function contextFiles(context: AgentContext): ReadonlyMap<string, string> {
  return new Map([
    ['.gitignore', '*\n'],
    [ISSUE_FILE, renderIssueContext(context)],
    ...Object.entries(context.files ?? {}),
  ])
}

/** The task in Markdown; sections that the caller left out are left out. */
export function renderIssueContext(context: AgentContext): string {
  const parts = [
    `# ${context.issueTitle?.trim() || 'Task'}`,
    section('Description', context.issueDescription),
    section('Acceptance criteria', list(context.acceptanceCriteria, '- [ ] ')),
    section('Context references', list(context.contextRefs, '- ')),
    section('Workspace context', context.workspaceContext),
    section('Agent skills', skills(context.agentSkills)),
  ]
  return `${parts.filter((part) => part !== undefined).join('\n\n')}\n`
}

function section(title: string, body: string | undefined): string | undefined {
  const text = body?.trim()
  return text ? `## ${title}\n\n${text}` : undefined
}

/** One item a line; further lines of an item are indented, so that they stay in it. */
function list(items: readonly string[] | undefined, bullet: string): string | undefined {
  return items?.map((item) => `${bullet}${item.trim().replaceAll('\n', '\n  ')}`).join('\n')
}

function skills(value: AgentContext['agentSkills']): string | undefined {
  return typeof value === 'string' ? value : list(value, '- ')
}
