import { join } from 'node:path'
import { IntegrityError } from '../../errors/workspace-error.js'
import { kindsOf } from '../../fs/presence.js'
import { type AgentGitDir, readAgentHead } from '../../git/agent-git-dir.js'
import { conditionOf } from '../../mirror/mend-mirror.js'
import { readFitting } from '../../mirror/mirror.js'
import { environmentLayout } from '../../model/layout.js'
import type { SessionRecord } from '../../model/session-record.js'
import { agentRepository } from '../../strategies/agent-repository.js'
import type { Strategy } from '../../strategies/strategy.js'
import { findStrategy } from '../find-strategy.js'
import { mirrorContext } from '../mirror-access.js'
import { recordedSource } from '../recorded-source.js'
import type { Services } from '../services.js'
import { isInCallersRepository } from '../session-repository.js'

/**
 * A checkout that has lost its git dir, its branch, or the mirror that its objects are in, is not handed out as if it
 * were whole.
 *
 * @throws IntegrityError WORKSPACE_MISSING naming what is gone.
 */
export async function refuseDamaged(services: Services, record: SessionRecord): Promise<void> {
  const strategy = findStrategy(services, record.strategy)
  if (strategy.traits.usesRepository && needsMirror(services, record, strategy))
    await mendMirror(services, record)
  const lost = await lostPart(services, record)
  if (lost !== undefined) throw damaged(record, lost)
}

/** A part that the registration of a worktree tells, so that it can be written anew. */
export const LINK = 'link to the repository'

/** Something without which a workspace cannot be worked in. */
export interface LostPart {
  readonly what: string
  readonly path: string
}

/** What a workspace that is there has lost of its repository. Only looks. */
export async function lostPart(services: Services, record: SessionRecord): Promise<LostPart | undefined> {
  const strategy = findStrategy(services, record.strategy)
  if (!strategy.traits.usesRepository) return undefined
  const agent = agentRepository(strategy.traits, record.tree ?? record)
  const parts = [
    ...(needsMirror(services, record, strategy) ? mirrorParts(services, record) : []),
    ...ownParts(agent),
    // Without it git takes whatever repository is around the checkout for its own.
    [LINK, join(record.workDir, '.git')] as const,
  ]
  const kinds = await kindsOf(parts.map(([, part]) => part))
  const [what, path] = parts[kinds.indexOf('absent')] ?? []
  if (what !== undefined && path !== undefined) return { what, path }
  const { branch, commit } = await readAgentHead(agent)
  // An agent may have begun a branch of its own that has no commit yet.
  if (commit !== undefined || branch !== record.branch) return undefined
  return { what: `branch "${branch}"`, path: join(agent.commonDir, 'refs', 'heads', branch ?? '') }
}

type Part = readonly [what: string, path: string]

function mirrorParts(services: Services, { envId }: SessionRecord): Part[] {
  const { mirrorDir } = environmentLayout(services.settings.root, envId)
  return ['', 'HEAD', 'objects', 'refs'].map((name) => ['mirror', join(mirrorDir, name)])
}

function ownParts({ gitDir, commonDir }: AgentGitDir): Part[] {
  const head: Part = ['HEAD', join(gitDir, 'HEAD')]
  const folders = ['objects', 'refs'].map((name): Part => [`folder of ${name}`, join(commonDir, name)])
  if (gitDir === commonDir) return [['repository', gitDir], head, ...folders]
  return [
    ['repository', commonDir],
    ['HEAD of the repository', join(commonDir, 'HEAD')],
    ...folders,
    ['registration', gitDir],
    head,
  ]
}

function needsMirror(services: Services, record: SessionRecord, strategy: Strategy): boolean {
  return !isInCallersRepository({ services, record, strategy }) && record.shape?.objects !== 'own'
}

/** What can be put right where it is. */
async function mendMirror(services: Services, record: SessionRecord): Promise<void> {
  const { mirrorDir } = environmentLayout(services.settings.root, record.envId)
  const source = recordedSource(record)
  if (source === undefined || (await conditionOf(mirrorDir)) !== 'torn') return
  const { freshness } = services.settings
  await readFitting(
    mirrorContext(services, { envId: record.envId, source, credentials: undefined, freshness }),
  )
}

function damaged(record: SessionRecord, { what, path }: LostPart): IntegrityError {
  return new IntegrityError('WORKSPACE_MISSING', `the ${what} of the workspace is gone: ${path}`, {
    data: { workDir: record.workDir, path },
    hint: "Save what is needed from the checkout, then clean it up with onUnsavedWork 'discard'.",
  })
}
