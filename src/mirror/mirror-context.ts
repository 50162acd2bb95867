import type { Git } from '../git/git.js'
import type { GitProgress } from '../git/progress.js'
import type { Limits } from '../model/limits.js'
import type { ObjectFilter } from '../model/shape.js'
import type { FetchFailures } from './fetch-failures.js'
import type { SourceAccess } from './source-access.js'
import type { Tampering } from './tampering.js'

/** What the mirror needs to work: paths, the way to the source, the caller's patience. */
export interface MirrorContext {
  readonly git: Git
  readonly mirrorDir: string
  readonly fetchLock: string
  readonly access: SourceAccess
  /** What the mirror leaves out: what was asked for, and from its opening on what it has. */
  readonly filter?: ObjectFilter | undefined
  /** How much it may hold; the files of checkouts are limited elsewhere. */
  readonly limits?: Limits | undefined
  /** `building`: nobody uses it yet, and it is deleted whole where a fetch fails. Default `in use`. */
  readonly stage?: 'building' | 'in use' | undefined
  /** What counts towards its size and is in another repository. */
  readonly besidesBytes?: number | undefined
  readonly now: () => Date
  /** Shared by those who ask for the same mirror together. */
  readonly failures?: FetchFailures | undefined
  /** What agents had changed in the mirror, and is put right by now; mostly nothing. */
  readonly onTampered?: ((found: readonly Tampering[]) => void) | undefined
  /** Makes room for a new mirror where one has lost its objects, or rejects; called under the fetch lock. */
  readonly setRuinsAside?: (() => Promise<void>) | undefined
  /** How long whoever fetches may give no sign of life, in milliseconds. Default 30,000. */
  readonly silenceMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onFetchProgress?: ((progress: GitProgress) => void) | undefined
}
