import { IntegrityError } from '../errors/workspace-error.js'

/** Something in a mirror that is not as the manager wrote it. It has been put right, unless it was only looked for. */
export interface Tampering {
  readonly path: string
  readonly problem: string
}

/** The error for the verb whose own task was tampered with. */
export function tamperedWith(found: readonly Tampering[]): IntegrityError {
  const [first] = found
  return new IntegrityError('TAMPERED', first?.problem ?? 'something was changed', {
    data: { found: found.map(({ path, problem }) => ({ path, problem })) },
    hint: 'It was put right. Look into the task before going on with it.',
  })
}
