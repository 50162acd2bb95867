import { InputError } from '../errors/workspace-error.js'
import { resolveInside } from '../fs/contained-path.js'
import { RESERVED_TASK_NAMES } from '../model/layout.js'
import type { PrepareSettings } from '../model/prepare-request.js'

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
    refuseReserved('context.files', name, ['.gitignore'])
  }
  const names = Object.keys(taskFiles ?? {}).map((name) => name.replaceAll('\\', '/'))
  for (const name of names) {
    resolveInside('/task', name)
    refuseFolder(name, names)
    refuseReserved('taskFiles', name, RESERVED_TASK_NAMES)
  }
}

/** A name that has to be a folder, because of another file or because the manager makes it, cannot be a file. */
function refuseFolder(name: string, names: readonly string[]): void {
  const isFolder =
    TASK_FOLDERS.includes(name.toLowerCase()) || names.some((other) => other.startsWith(`${name}/`))
  const isTooLong = name.split('/').some((part) => Buffer.byteLength(part) > 255)
  if (!isFolder && !isTooLong) return
  throw new InputError('PATH_OUTSIDE_ROOT', `a task file cannot be named "${name.slice(0, 100)}"`, {
    data: { field: 'taskFiles', path: name },
    hint: isTooLong ? 'A part of the name is longer than 255 bytes.' : 'The name is that of a folder.',
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
