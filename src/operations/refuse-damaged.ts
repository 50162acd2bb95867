import { join } from 'node:path'
import { IntegrityError } from '../errors/workspace-error.js'
import { kindsOf } from '../fs/presence.js'
import { readAgentHead } from '../git/agent-git-dir.js'
import { conditionOf } from '../mirror/mend-mirror.js'
import { readFitting } from '../mirror/mirror.js'
import { environmentLayout } from '../model/layout.js'
import type { SessionRecord } from '../model/session-record.js'
import { agentRepository } from '../strategies/agent-repository.js'
import { findStrategy } from './find-strategy.js'
import { isInCallersRepository } from './look-for-work.js'
import { mirrorContext } from './mirror-access.js'
import { recordedSource } from './recorded-source.js'
import type { Services } from './services.js'

/**
 * A checkout that has lost its git dir, its branch, or the mirror that its objects are in, is not handed out as if it
 * were whole.
 *
 * @throws IntegrityError WORKSPACE_MISSING naming what is gone.
 */
export async function refuseDamaged(services: Services, record: SessionRecord): Promise<void> {
  const strategy = findStrategy(services, record.strategy)
  if (!strategy.traits.usesRepository) return
  const agent = agentRepository(strategy.traits, record.tree ?? record)
  const { mirrorDir } = environmentLayout(services.settings.root, record.envId)
  const needsNobody = isInCallersRepository({ services, record, strategy }) || record.shape?.objects === 'own'
  const repository = needsNobody ? agent.commonDir : mirrorDir
  if (!needsNobody) await mendMirror(services, record, mirrorDir)
  const holder = needsNobody ? 'repository' : 'mirror'
  const link = join(record.workDir, '.git')
  const registration = join(agent.gitDir, 'HEAD')
  const parts = [
    [holder, join(repository, 'HEAD'), repository],
    ...['objects', 'refs'].map((name) => [holder, join(repository, name), join(repository, name)] as const),
    ['registration', registration, registration],
    // Without it git takes whatever repository is around the checkout for its own.
    ['link to the repository', link, link],
  ] as const
  const kinds = await kindsOf(parts.map(([, part]) => part))
  const gone = parts[kinds.indexOf('absent')]
  if (gone !== undefined) throw damaged(record, gone[0], gone[2])
  const { branch, commit } = await readAgentHead(agent)
  // An agent may have begun a branch of its own that has no commit yet.
  if (commit === undefined && branch === record.branch)
    throw damaged(record, `branch "${branch}"`, join(agent.commonDir, 'refs', 'heads', branch ?? ''))
}

/** What can be put right where it is. */
async function mendMirror(services: Services, record: SessionRecord, mirrorDir: string): Promise<void> {
  const source = recordedSource(record)
  if (source === undefined || (await conditionOf(mirrorDir)) !== 'torn') return
  const { freshness } = services.settings
  await readFitting(
    mirrorContext(services, { envId: record.envId, source, credentials: undefined, freshness }),
  )
}

function damaged(record: SessionRecord, what: string, path: string): IntegrityError {
  return new IntegrityError('WORKSPACE_MISSING', `the ${what} of the workspace is gone: ${path}`, {
    data: { workDir: record.workDir, path },
    hint: "Save what is needed from the checkout, then clean it up with onUnsavedWork 'discard'.",
  })
}
