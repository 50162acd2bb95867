import { InputError } from '../../errors/workspace-error.js'
import type { SessionRecord, Tree } from '../../model/session-record.js'
import { unfitFields } from '../../sessions/record-place.js'
import type { Strategy } from '../../strategies/strategy.js'
import type { Services } from '../services.js'

/**
 * What a strategy has made is kept in the session's record, which nobody would believe if it led elsewhere: the workspace
 * would be handed out and never found again.
 *
 * @throws InputError OPTIONS_INVALID naming the strategy and the fields.
 */
export function assertUsableTree(
  { settings }: Services,
  { name }: Strategy,
  record: SessionRecord,
  tree: Tree | undefined,
): asserts tree is Tree {
  // A custom strategy may be JavaScript, and answer with nothing.
  const fields =
    tree === undefined ? ['tree'] : unfitFields(settings.root, { ...record, workDir: tree.workDir, tree })
  if (fields.length === 0) return
  const message = `the strategy "${name}" answers with a tree that cannot be kept: ${fields.join(', ')}`
  throw new InputError('OPTIONS_INVALID', message, {
    data: { field: 'strategies', strategy: name, fields },
    hint: 'Fill the folder that the request names, and answer with it and with plain text.',
  })
}
