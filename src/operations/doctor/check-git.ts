import { hasErrorCode } from '../../errors/workspace-error.js'
import type { Services } from '../services.js'
import { type Diagnosis, problem } from './finding.js'

/** Whether there is a git, and one that is new enough. */
export async function checkGit({ git }: Services): Promise<Diagnosis[]> {
  try {
    const { text, belowRecommended } = await git.version()
    if (!belowRecommended) return [{ check: 'git', level: 'ok', message: `git ${text}` }]
    const message = `git ${text} works, and lacks security fixes: 2.39.4 or newer is recommended`
    return [{ check: 'git', level: 'note', message, remedy: 'install' }]
  } catch (error) {
    if (!hasErrorCode(error, 'GIT_MISSING', 'GIT_TOO_OLD', 'GIT_FAILED')) throw error
    return [problem({ check: 'git' }, error.message, 'install')]
  }
}
