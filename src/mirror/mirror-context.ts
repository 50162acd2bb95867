import type { Git } from '../git/git.js'
import type { SourceAccess } from './source-access.js'

/** What the mirror needs to work: paths, the way to the source, the caller's patience. */
export interface MirrorContext {
  readonly git: Git
  readonly mirrorDir: string
  readonly fetchLock: string
  readonly access: SourceAccess
  readonly now: () => Date
  /** How long whoever fetches may give no sign of life, in milliseconds. Default 30,000. */
  readonly silenceMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((percent: number) => void) | undefined
}
