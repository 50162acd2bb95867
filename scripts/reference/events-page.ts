import ts from 'typescript'
import { auditEntry } from '../../src/events/audit-log.js'
import { docCommentOf } from './doc-comment.js'
import { code, page, table } from './markdown.js'
import { nameOf, parseFile, propertiesOf, typeNamed } from './source.js'

/** Every event, when it comes and what it carries, as its type says. */
export function eventsPage(): string {
  const file = parseFile('src/events/event-map.ts')
  const events = propertiesOf(typeNamed(file, 'EventFacts'))
  return page(
    '# Events',
    '<!-- Generated from src/events/event-map.ts by `npm run docs`. -->',
    INTRODUCTION,
    '## What every event carries',
    fieldTable(propertiesOf(typeNamed(file, 'EventBase'))),
    '## Every event',
    ...events.flatMap(eventParts),
    '## Codes of warnings',
    'A `warning` has the [code of an error](errors.md) that was got over, or one of these:',
    table(['code', 'meaning'], unionRows(typeNamed(file, 'WarningCode'))),
    '## The audit log',
    AUDIT,
    auditNames(),
    'An example:',
    `\`\`\`json\n${JSON.stringify(auditLine(SAMPLE))}\n\`\`\``,
  )
}

const INTRODUCTION = `\`\`\`ts
import { WorkspaceManager } from 'git-task-isolation'

const manager = new WorkspaceManager({ root: '/srv/agents' })
manager.on('workspace.ready', ({ key, branch, durationMs }) => console.log(key.envId, branch, durationMs))
\`\`\`

A listener hears what its own manager does, not what other processes do; the audit log has the events of all. A listener
that throws, or whose promise rejects, breaks nothing: what it throws is a process warning. Every event is also published
on the channel \`git-task-isolation:<event>\` of \`node:diagnostics_channel\`.`

const AUDIT = `The same events, one line of JSON each, in \`managed-repos/<env>/.git-task/audit.jsonl\`, written at once by every
process. \`manager.audit()\` and \`git task audit\` read it. Fields have other names there, and what an event adds has its
name in snake case (\`durationMs\` is \`duration_ms\`). Absent fields are left out.`

const SAMPLE = {
  at: '2026-01-02T03:04:05.678Z',
  key: { envId: 'shop', taskId: 'task-42', runId: '2' },
  workDir: '/srv/agents/managed-repos/shop/tasks/task-42@2/workdir',
  branch: 'agent/coder/run-2/task-task-42',
  strategy: 'clone',
  durationMs: 87,
}

const MARKED = {
  at: 'at',
  key: { envId: 'key.envId', taskId: 'key.taskId', runId: 'key.runId' },
  taskRunId: 'taskRunId',
  workflowRunId: 'workflowRunId',
  workDir: 'workDir',
  branch: 'branch',
}

function eventParts(event: ts.PropertySignature): string[] {
  const fields = event.type === undefined ? [] : propertiesOf(event.type)
  return [`### \`${nameOf(event)}\``, meaningOf(event), ...(fields.length === 0 ? [] : [fieldTable(fields)])]
}

function fieldTable(fields: readonly ts.PropertySignature[]): string {
  return table(
    ['field', 'type', 'meaning'],
    fields.map((field) => [code(nameOf(field)), typeOf(field), meaningOf(field)]),
  )
}

function typeOf(field: ts.PropertySignature): string {
  const type = (field.type?.getText() ?? 'unknown').replace(/\s+/g, ' ')
  return field.questionToken ? `${code(type.replace(/ \| undefined$/, ''))}, or absent` : code(type)
}

function unionRows({ type }: ReturnType<typeof typeNamed> & { readonly type?: ts.TypeNode }): string[][] {
  if (type === undefined || !ts.isUnionTypeNode(type)) throw new Error('the codes of warnings are no union')
  return type.types.map((member) => [code(member.getText().replaceAll("'", '')), meaningOf(member)])
}

/** How the audit log names what every event has, asked from what writes it. */
function auditNames(): string {
  const rows = Object.entries(auditLine(MARKED)).map(([name, field]) => [
    code(name),
    FIXED[name] ?? code(String(field)),
  ])
  return table(['in the audit log', 'in the event'], rows)
}

const FIXED: Readonly<Record<string, string>> = {
  event: "the event's name",
  pid: 'the process that wrote it',
}

function auditLine(event: Parameters<typeof auditEntry>[1]): Record<string, unknown> {
  return { ...auditEntry('workspace.ready', event), pid: 4711 }
}

/** @throws where something has no doc comment: then nobody is told what it means. */
function meaningOf(node: ts.Node): string {
  const text = docCommentOf(node)?.text
  if (text) return text
  throw new Error(`no doc comment: ${node.getText().slice(0, 60)} in ${node.getSourceFile().fileName}`)
}
