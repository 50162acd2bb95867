import { withoutHolding } from '../fs/lock-context.js'
import { SharedLook } from '../fs/shared-look.js'
import type { Git } from '../git/git.js'
import type { ConfigCheck } from './config-check.js'
import type { MirrorContext } from './mirror-context.js'
import { repairMirror } from './tamper-check.js'
import type { Tampering } from './tampering.js'

type Look = SharedLook<readonly Tampering[]>

/** By manager: what one repairs is told by its own events, and ends with it. */
const looks = new WeakMap<Git, Look>()

/**
 * As `repairMirror`, once for all tasks of a manager that ask together: each look goes through every registration, of
 * which there may be thousands. What was found is told once.
 */
export function repairOnce(
  { git, onTampered }: Pick<MirrorContext, 'git' | 'onTampered'>,
  check: ConfigCheck,
): Promise<readonly Tampering[]> {
  const look: Look = looks.get(git) ?? new SharedLook()
  looks.set(git, look)
  const { mirrorDir, sections, origin } = check
  return look.at([mirrorDir, origin, sections].join('\0'), async () => {
    // Nobody's signal and nobody's lost lock ends what others wait for.
    const found = await withoutHolding(() => repairMirror(git, { ...check, signal: undefined }))
    onTampered?.(found)
    return found
  })
}
