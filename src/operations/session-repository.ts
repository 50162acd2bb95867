import { environmentLayout } from '../model/layout.js'
import type { SessionRecord } from '../model/session-record.js'
import type { Strategy, StrategyRepository } from '../strategies/strategy.js'
import type { Services } from './services.js'

interface Session {
  readonly services: Services
  readonly record: SessionRecord
  readonly strategy: Strategy
}

/** Where a workspace has its commits from, and its refs where it shares them: the mirror, or the caller's repository. */
export function repositoryOf({
  services,
  record,
  strategy,
}: Session): Pick<StrategyRepository, 'gitDir' | 'owner'> {
  const { mirrorDir } = environmentLayout(services.settings.root, record.envId)
  const gitDir = record.tree?.gitDir
  const isCallers = strategy.traits.sharesRefs && gitDir !== undefined && gitDir !== mirrorDir
  return isCallers ? { gitDir, owner: 'caller' } : { gitDir: mirrorDir, owner: 'manager' }
}

/** Branches that live in the caller's own repository stay there, and are saved by that. */
export function isInCallersRepository(session: Session): boolean {
  return repositoryOf(session).owner === 'caller'
}
