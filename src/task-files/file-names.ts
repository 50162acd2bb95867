import { InputError } from '../errors/workspace-error.js'
import { resolveInside } from '../fs/contained-path.js'
import { RESERVED_TASK_NAMES } from '../model/layout.js'
import type { PrepareSettings } from '../model/prepare-request.js'

/**
 * How a task's files are written: for its user alone. They are not flushed, as git does not flush the files of a
 * checkout; after a power cut the next prepare that is given them writes them again.
 */
export const TASK_FILE = { mode: 0o600, outlives: 'process' } as const

const TASK_FOLDERS: readonly string[] = ['output', 'logs', 'state']

/**
 * Refuses names of context and task files that leave their folder or are the manager's own.
 *
 * @throws InputError PATH_OUTSIDE_ROOT naming the file.
 */
export function assertFileNames({
  context,
  taskFiles,
}: Pick<PrepareSettings, 'context' | 'taskFiles'>): void {
  // Any absolute folder serves: only the shape of the names is looked at.
  for (const name of Object.keys(context?.files ?? {})) {
    resolveInside('/context', name)
    refuseTooLong('context.files', name)
    refuseReserved('context.files', name, ['.gitignore'])
  }
  const names = Object.keys(taskFiles ?? {}).map((name) => name.replaceAll('\\', '/'))
  for (const name of names) {
    resolveInside('/task', name)
    refuseFolder(name, names)
    refuseTooLong('taskFiles', name)
    refuseReserved('taskFiles', name, RESERVED_TASK_NAMES)
  }
}

/** A name that has to be a folder, because of another file or because the manager makes it, cannot be a file. */
function refuseFolder(name: string, names: readonly string[]): void {
  const isFolder =
    TASK_FOLDERS.includes(name.toLowerCase()) || names.some((other) => other.startsWith(`${name}/`))
  if (!isFolder) return
  throw new InputError('PATH_OUTSIDE_ROOT', `a task file cannot be named "${name.slice(0, 100)}"`, {
    data: { field: 'taskFiles', path: name },
    hint: 'The name is that of a folder.',
  })
}

function refuseTooLong(field: string, name: string): void {
  if (name.split(/[/\\]/).every((part) => Buffer.byteLength(part) <= 255)) return
  throw new InputError('PATH_OUTSIDE_ROOT', `a file cannot be named "${name.slice(0, 100)}"`, {
    data: { field, path: name },
    hint: 'A part of the name is longer than 255 bytes.',
  })
}

function refuseReserved(field: string, name: string, reserved: readonly string[]): void {
  const first = name
    .split(/[/\\]/)
    .find((part) => part !== '' && part !== '.')
    ?.toLowerCase()
  if (first === undefined || !reserved.includes(first)) return
  throw new InputError(
    'PATH_OUTSIDE_ROOT',
    `a file cannot be named "${name}": the name is the manager's own`,
    {
      data: { field, path: name },
      hint: `Choose another name; taken are ${reserved.join(', ')}.`,
    },
  )
}
