import { join } from 'node:path'
import { fewAtATime } from '../../fs/few-at-a-time.js'
import { kindOf } from '../../fs/presence.js'
import { readAgentHead } from '../../git/agent-git-dir.js'
import { withTrustedView } from '../../git/trusted-view.js'
import { lostObjects } from '../../mirror/lost-objects.js'
import { conditionOf } from '../../mirror/mend-mirror.js'
import { environmentLayout } from '../../model/layout.js'
import { objectFormatOf } from '../../model/object-format.js'
import type { SessionRecord } from '../../model/session-record.js'
import { sessionKey } from '../../model/workspace-key.js'
import { presentObjects } from '../../preservation/archive-source.js'
import { agentRepository } from '../../strategies/agent-repository.js'
import { LINK, lostPart } from '../creating/refuse-damaged.js'
import { findStrategy } from '../find-strategy.js'
import type { Services } from '../services.js'
import { type Diagnosis, orFinding, problem } from './finding.js'

/** Whether workspaces that are there still have what makes them repositories: their git dir, registration, branch. */
export async function checkWorkspaces(
  services: Services,
  records: readonly SessionRecord[],
): Promise<Diagnosis[]> {
  const ready = records.filter(({ state }) => state === 'ready' || state === 'finished')
  const mirrorHasLost = onceForEach((mirrorDir) => hasLost(services, mirrorDir))
  const looks = await fewAtATime(ready, (record) =>
    orFinding({ check: 'workspaces', path: record.workDir, key: sessionKey(record) }, () =>
      damageTo(services, record, mirrorHasLost),
    ),
  )
  return looks.flat()
}

type MirrorLook = (mirrorDir: string) => Promise<boolean>

/** Many workspaces have one mirror, and a walk through its history takes a while. */
function onceForEach(look: MirrorLook): MirrorLook {
  const looks = new Map<string, Promise<boolean>>()
  return (mirrorDir) => {
    const begun = looks.get(mirrorDir) ?? look(mirrorDir)
    looks.set(mirrorDir, begun)
    return begun
  }
}

async function damageTo(
  services: Services,
  record: SessionRecord,
  mirrorHasLost: MirrorLook,
): Promise<Diagnosis[]> {
  // One without a checkout is found by the look for leftovers; a strategy of somebody else's is theirs to look after.
  if (!services.strategies.has(record.strategy) || (await kindOf(record.workDir)) !== 'directory') return []
  const lost = await lostPart(services, record)
  const { mirrorDir } = environmentLayout(services.settings.root, record.envId)
  if (lost?.path === mirrorDir && record.tree?.registration !== undefined) return [ofGoneMirror(record)]
  // What a mirror has lost, and a link that a registration tells, are found with the mirror.
  if (lost?.what === 'mirror' || (lost?.what === LINK && record.tree?.registration)) return []
  const missing = await missingCommit(services, record, mirrorHasLost)
  if (lost === undefined && missing === undefined) return []
  const what = lost === undefined ? `the commit ${missing?.commit} that its HEAD names` : `its ${lost.what}`
  const path = lost?.path ?? record.workDir
  const subject = { check: 'workspaces', path, key: sessionKey(record) } as const
  if (missing?.from !== 'everywhere')
    return [problem(subject, `${what} is gone; a cleanup archives what is there`, 'cleanup')]
  const rest = "copy what is needed from the checkout, then clean it up with the policy 'discard'"
  return [problem(subject, `${what} is gone, and an archive would lack commits; ${rest}`, 'look')]
}

/** The mirror comes back without what was registered with it, and without the task's branch. */
function ofGoneMirror(record: SessionRecord): Diagnosis {
  const subject = { check: 'workspaces', path: record.workDir, key: sessionKey(record) } as const
  const message =
    'its registration has gone with the mirror; once there is one again, a cleanup archives the files'
  return problem(subject, message, 'cleanup')
}

interface Missing {
  readonly commit: string
  /** `the clone`: the mirror has it, so that an archive can have it too. */
  readonly from: 'the clone' | 'everywhere'
}

/** What HEAD names where a repository of the task's own does not have it. */
async function missingCommit(
  services: Services,
  record: SessionRecord,
  mirrorHasLost: MirrorLook,
): Promise<Missing | undefined> {
  const { traits } = findStrategy(services, record.strategy)
  const agent = agentRepository(traits, record.tree ?? record)
  const isOwn = traits.usesRepository && agent.gitDir === agent.commonDir
  if (!isOwn || (await kindOf(join(agent.gitDir, 'HEAD'))) === 'absent') return undefined
  const { commit } = await readAgentHead(agent)
  if (commit === undefined) return undefined
  const { mirrorDir, scratchDir } = environmentLayout(services.settings.root, record.envId)
  const objectFormat = objectFormatOf(commit)
  const isIn = (folders: readonly string[]) =>
    withTrustedView(
      { scratchDir, workTree: record.workDir, objectFormat, alternates: folders },
      async ({ gitDir, alternates }) =>
        (await presentObjects(services.git, { gitDir, alternates }, [commit])).has(commit),
    )
  const own = join(agent.commonDir, 'objects')
  if (await isIn([own])) return undefined
  if (await isIn([own, join(mirrorDir, 'objects')])) return { commit, from: 'the clone' }
  // That it was made from a commit that the mirror has lost is found with the mirror, unless that is another by now.
  const isBase = commit === record.base?.commit || commit === record.tree?.baseCommit
  const isFoundThere = isBase && (await mirrorHasLost(mirrorDir))
  return isFoundThere ? undefined : { commit, from: 'everywhere' }
}

async function hasLost({ git }: Services, mirrorDir: string): Promise<boolean> {
  return (await conditionOf(mirrorDir)) !== 'whole' || (await lostObjects({ git, mirrorDir })).length > 0
}
