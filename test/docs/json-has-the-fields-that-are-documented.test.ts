import { readFileSync } from 'node:fs'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { beforeAll, expect, it } from 'vitest'
import { gitTask } from '../helpers/run-git-task.js'
import { repositoryRoot } from '../helpers/run-program.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream } from '../helpers/upstream.js'

/** Whose fields are names from elsewhere: variables, what an orchestrator gave, the values of an error. */
const FREE = ['env', 'metadata', 'data', 'tree.details']

/** The paths of all fields of a value: `base`, `base.ref`; lists are those of what is in them. */
function fieldsOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => fieldsOf(each, path))
  if (typeof value !== 'object' || value === null || FREE.some((free) => `.${path}`.endsWith(`.${free}`)))
    return []
  return Object.entries(value).flatMap(([name, inner]) => {
    const own = path === '' ? name : `${path}.${name}`
    return [own, ...fieldsOf(inner, own)]
  })
}

const sections = readFileSync(join(repositoryRoot, 'docs/cli.md'), 'utf8').split(/^## /m)

/** What a section of docs/cli.md documents: the fields of its JSON, and the first column of its tables of fields. */
function documented(title: string): string[] {
  const text = sections.find((section) => section.startsWith(title)) ?? ''
  const shown = [...text.matchAll(/^```json\n(.*?)^```/gms)].flatMap(([, json = '']) =>
    fieldsOf(JSON.parse(json)),
  )
  const tables = [...text.matchAll(/^\| field .*\n\|[- |]+\n((?:\|.*\n)+)/gm)].flatMap(([, rows = '']) =>
    rows
      .split('\n')
      .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)),
  )
  return [...new Set([...shown, ...tables].flatMap(withParts))]
}

/** A path names those above it as well; what a key is stands at the top of the page. */
function withParts(path: string): string[] {
  const names = path.split('.')
  const paths = names.map((_, index) => names.slice(0, index + 1).join('.'))
  return names.at(-1) === 'key'
    ? [...paths, ...['envId', 'taskId', 'runId'].map((id) => `${path}.${id}`)]
    : paths
}

function under(name: string, fields: readonly string[]): string[] {
  return [name, ...fields.map((field) => `${name}.${field}`)]
}

function without(fields: readonly string[], ...roots: readonly string[]): string[] {
  return fields.filter((field) => !roots.includes(field.split('.')[0] ?? ''))
}

const listed = documented('`list [env]`')
const work = listed.filter((field) => field.startsWith('unsavedWork.')).map((field) => field.slice(12))
const prepared = documented('`prepare')

/** What each command's JSON is by the document, where a section refers to another one too. */
const SHAPES: Readonly<Record<string, readonly string[]>> = {
  prepare: prepared,
  list: listed,
  show: [...documented('`show'), ...under('session', without(listed, 'unsavedWork', 'bytes'))],
  path: documented('`path'),
  refresh: documented('`refresh'),
  finish: without(listed, 'ownerState', 'checkout', 'unsavedWork', 'bytes'),
  cleanup: [
    ...documented('`cleanup'),
    ...under('archive', documented('`archives')),
    ...under('unsavedWork', work),
  ],
  archives: documented('`archives'),
  restore: without(prepared, 'reused', 'notices'),
  sweep: documented('`sweep'),
  usage: documented('`usage'),
  doctor: documented('`doctor'),
  completion: documented('`completion'),
  error: documented('Output'),
}

/** What only a moment, a second attempt, a custom strategy or an odd repository has. */
const RARE = /(^|\.)(removal|replaces|reservationId|details|filter|notices)(\.|$)/

/** Facts of events are documented in events.md, with the names that the library has for them. */
const events = readFileSync(join(repositoryRoot, 'docs/events.md'), 'utf8')
const facts = [...events.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
)

const found = new Map<string, Set<string>>()

async function ask(command: string, ...args: readonly string[]): Promise<void> {
  const { stdout, stderr } = await gitTask(...args, '--json')
  const fields = found.get(command) ?? new Set()
  for (const field of fieldsOf(JSON.parse(stdout || stderr))) fields.add(field)
  found.set(command, fields)
}

/** A session that has been given everything that one can be given. */
async function prepareRich(root: string, path: string): Promise<void> {
  const manager = new WorkspaceManager({ root })
  await manager.prepare({
    ...{
      envId: 'rich',
      taskId: 'task-1',
      runId: 'r1',
      source: { path, url: 'https://example.org/shop.git' },
    },
    ...{ agentName: 'coder', workflowRunId: 'w', taskRunId: 't', metadata: { team: 'web' } },
    ...{ identity: { name: 'Coder', email: 'coder@example.org' }, context: { issueTitle: 'One' } },
    ...{ taskFiles: { 'client.json': {} }, maxFiles: 100, maxRepositoryBytes: 1_000_000_000 },
    ...{ objects: 'own', depth: 1, sparse: ['src'] },
  })
  await manager.close()
}

beforeAll(async () => {
  const directory = await temporaryDirectory()
  const { path, url } = await createUpstream(join(directory, 'upstream.git'))
  const root = ['--root', join(directory, 'root')]
  const at = (...words: readonly string[]) => [...root, ...words]
  await prepareRich(join(directory, 'root'), path)
  await ask('prepare', ...at('prepare', 'shop', 'task-1', '--run', 'r1', '--source', url, '--agent', 'coder'))
  await gitTask(...at('prepare', 'shop', 'task-2', '--source', url, '--strategy', 'worktree'))
  const environments = join(directory, 'root/managed-repos')
  for (const work of ['shop/tasks/task-1@r1', 'shop/tasks/task-2', 'rich/tasks/task-1@r1'])
    await writeFile(join(environments, work, 'workdir/work.txt'), 'work\n')
  await ask('refresh', ...at('refresh', 'shop', 'task-1', '--run', 'r1'))
  await ask('path', ...at('path', 'shop'))
  await ask('cleanup', ...at('cleanup', 'shop', '--all', '--dry-run', '--on-unsaved-work', 'refuse'))
  for (const [env, task] of [
    ['rich', 'task-1'],
    ['shop', 'task-1'],
  ] as const) {
    await ask('finish', ...at('finish', env, task, '--run', 'r1', 'succeeded'))
    await ask('show', ...at('show', env, task, '--run', 'r1'))
  }
  await ask('show', ...at('show', 'shop', 'task-2'))
  await ask('finish', ...at('finish', 'shop', 'task-2', 'succeeded'))
  await ask('list', ...at('list', '--unsaved', '--size'))
  await ask('usage', ...at('usage'))
  await ask('cleanup', ...at('cleanup', 'rich', 'task-1', '--run', 'r1'))
  await ask('cleanup', ...at('cleanup', 'shop', '--all', '--yes'))
  await ask('archives', ...at('archives'))
  await ask('restore', ...at('restore', 'shop', 'task-1', '--run', 'r1'))
  const manager = join(environments, 'shop/.git-task')
  await mkdir(join(manager, 'trash/task-1@r1'), { recursive: true })
  await mkdir(join(manager, 'trash/nobody'), { recursive: true })
  await writeFile(join(manager, 'locks/session-nobody.lock'), 'no lock at all')
  await rm(join(environments, 'shop/tasks/task-1@r1/workdir'), { recursive: true })
  await ask('sweep', ...at('sweep'))
  await gitTask(...at('prepare', 'bank', 'task-1'))
  await writeFile(join(environments, 'bank/tasks/task-1/workdir/work.txt'), 'work\n')
  await gitTask(...at('finish', 'bank', 'task-1', 'succeeded'))
  await ask('sweep', ...at('sweep', 'bank', '--max-age-days', '0'))
  await chmod(manager, 0o755)
  await ask('doctor', ...at('doctor', '--fix'))
  await ask('completion', 'completion', 'bash')
  const { stdout } = await gitTask(...at('audit', 'rich', '--json'))
  const lines = stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
  found.set('audit', new Set(fieldsOf(lines)))
  await ask('error', ...at('show', 'shop', 'nowhere'))
})

it.each(Object.keys(SHAPES))('%s prints the fields that are documented, and no others', (command) => {
  const [fields, told] = [[...(found.get(command) ?? [])], SHAPES[command] ?? []]
  expect(fields.length).toBeGreaterThan(0)
  expect(fields.filter((field) => !told.includes(field))).toEqual([])
  expect(told.filter((field) => !fields.includes(field) && !RARE.test(field))).toEqual([])
})

it('a line of the log has what every line has, and the facts of its event', () => {
  const [fields, told] = [[...(found.get('audit') ?? [])], documented('`audit')]
  expect(fields.filter((field) => ![...told, ...facts].includes(field))).toEqual([])
  expect(told.filter((field) => !fields.includes(field))).toEqual([])
})

it('every command that prints JSON is compared, but for a list of variables', () => {
  const titles = sections.flatMap((section) => /^`([a-z]+)/.exec(section)?.[1] ?? [])
  expect(titles.filter((title) => !Object.keys(SHAPES).includes(title))).toEqual(['env', 'audit'])
})
