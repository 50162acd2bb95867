import { line, page, text } from './svg.js'

export interface Entry {
  /** Relative to the root; folders end with a slash. */
  readonly path: string
  readonly meaning: string
}

/** What is on the disk, in the order of the picture. A test compares it with a root that is in use. */
export const ENTRIES: readonly Entry[] = [
  { path: 'managed-repos/', meaning: 'all environments' },
  { path: 'managed-repos/.git-task/owners/', meaning: 'signs of life of the processes that own tasks' },
  { path: 'managed-repos/shop/', meaning: 'an environment: one repository and its tasks' },
  { path: 'managed-repos/shop/.git-task/', meaning: "the manager's own, for its user only (0700)" },
  { path: 'managed-repos/shop/.git-task/environment.json', meaning: 'the source, without secrets' },
  {
    path: 'managed-repos/shop/.git-task/mirror.git/',
    meaning: 'the one copy of the repository that tasks share',
  },
  { path: 'managed-repos/shop/.git-task/upstream-tips', meaning: 'what the remote had when last asked' },
  { path: 'managed-repos/shop/.git-task/archives.git/', meaning: 'unsaved work of tasks that are gone' },
  { path: 'managed-repos/shop/.git-task/archives/', meaning: 'a record of each archive' },
  { path: 'managed-repos/shop/.git-task/sessions/', meaning: 'a record of each task' },
  {
    path: 'managed-repos/shop/.git-task/indexes/',
    meaning: "the manager's copies of the checkouts' indexes",
  },
  { path: 'managed-repos/shop/.git-task/locks/', meaning: 'held for moments, by one process at a time' },
  { path: 'managed-repos/shop/.git-task/scratch/', meaning: 'files that live for moments' },
  { path: 'managed-repos/shop/.git-task/trash/', meaning: 'removed folders, until they are deleted' },
  { path: 'managed-repos/shop/.git-task/audit.jsonl', meaning: 'every event, a line each' },
  { path: 'managed-repos/shop/tasks/', meaning: 'the tasks, side by side' },
  { path: 'managed-repos/shop/tasks/task-42/', meaning: 'one task' },
  { path: 'managed-repos/shop/tasks/task-42/workdir/', meaning: 'the checkout: here the agent works' },
  {
    path: 'managed-repos/shop/tasks/task-42/workdir/.agent_context/',
    meaning: 'its issue; git does not see it',
  },
  { path: 'managed-repos/shop/tasks/task-42/output/', meaning: 'for results' },
  { path: 'managed-repos/shop/tasks/task-42/logs/', meaning: 'for logs' },
  { path: 'managed-repos/shop/tasks/task-42/state/', meaning: "for the agent's own state" },
  { path: 'managed-repos/shop/tasks/task-42/.gitconfig', meaning: "the task's git configuration (0600)" },
  { path: 'managed-repos/shop/tasks/task-42/.git-credentials', meaning: 'where a token was given (0600)' },
  { path: 'managed-repos/shop/tasks/task-43@r2/', meaning: 'another task, its run r2' },
]

const ROW = 24
const TOP = 48
const INDENT = 26
const LEFT = 20
const NOTES = 380

/** The folders and files under a root, each with what it is for. */
export function layoutPicture(): string {
  const rows = ENTRIES.map((entry, row) => drawEntry(entry, TOP + row * ROW))
  const height = TOP + ENTRIES.length * ROW
  const title = 'What is on the disk'
  return page({ title, width: 860, height }, [
    text(LEFT, 26, '<root>/', { style: 'mono strong' }),
    ...rows.flat(),
  ])
}

function drawEntry({ path, meaning }: Entry, y: number): string[] {
  const [x, name] = placeOf(path)
  const width = name.length * 8
  return [
    text(x, y, name, { style: 'mono' }),
    line('grid', [x + width + 6, y - 4], [NOTES - 8, y - 4]),
    text(NOTES, y, meaning, { style: 'faint' }),
  ]
}

/** How far a name is to the right: below the nearest folder that has a row of its own. */
function placeOf(path: string): readonly [number, string] {
  const parents = ENTRIES.filter((entry) => entry.path !== path && path.startsWith(entry.path))
  const nearest = parents.at(-1)?.path ?? ''
  return [LEFT + (parents.length + 1) * INDENT - 8, path.slice(nearest.length)]
}
