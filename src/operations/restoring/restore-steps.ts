import { appendFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { throwIfStopped } from '../../errors/stop-reason.js'
import { sessionFacts } from '../../events/event-map.js'
import { assertStillHolding } from '../../fs/lock-context.js'
import { readTextIfPresent } from '../../fs/read-json.js'
import { temporaryName } from '../../fs/temporary-name.js'
import { deleteTree } from '../../fs/trash.js'
import type { AgentGitDir } from '../../git/agent-git-dir.js'
import { type RefPlace, withTrustedConfig } from '../../git/trusted-config.js'
import { environmentLayout } from '../../model/layout.js'
import type { SessionRecord, Tree } from '../../model/session-record.js'
import { staysOnBase } from '../../preservation/lost-head.js'
import type { OpenArchive } from '../../preservation/restore-archive.js'
import { restoreBeside } from '../../preservation/restore-beside.js'
import {
  placeSpecial,
  restoreCommit,
  restoreFiles,
  restorePermissions,
} from '../../preservation/restore-files.js'
import { restoreHistory } from '../../preservation/restore-history.js'
import { RestoreFolder } from '../../preservation/restore-names.js'
import { restoreObjects } from '../../preservation/restore-objects.js'
import {
  type RefsRequest,
  type RestoredRef,
  renamedLog,
  restoreRefs,
  restoreStashes,
} from '../../preservation/restore-refs.js'
import { removeOwnTables, renameHeadInTables } from '../../preservation/restore-tables.js'
import { agentRepository } from '../../strategies/agent-repository.js'
import { readUmask } from '../archiving/archive-folder.js'
import type { Creation, CreationParts } from '../creating/checkout-step.js'
import { ownershipOf } from '../own-mirror.js'
import { withEnvironment } from '../session-lock.js'
import { deleteUnusedBranch } from '../unused-branch.js'
import { archivedBranch } from './archived-branch.js'
import { freeWorktrees, worktreeOf } from './free-worktrees.js'
import { movePointers } from './move-pointers.js'
import { openArchivedBase } from './open-archived-base.js'
import { restoreHead } from './restore-head.js'

/** What a creation does otherwise than for a prepare when an archive is restored. */
export function restoreParts(archive: OpenArchive): CreationParts {
  const name = temporaryName('restore')
  return {
    replaceable: (creation) => archivedBranch(creation, archive),
    lineEnds: archive.manifest.base,
    openBase: async (creation) => {
      await step(creation, 'base')
      return openArchivedBase(creation, archive)
    },
    afterCheckout: (creation, record, tree) =>
      fillCheckout({ creation, archive, record, tree, staging: join(record.rootDir, name) }),
    afterFiles: (creation, record, contextDir) =>
      fillContext(creation, archive, { contextDir, staging: join(record.rootDir, name) }),
  }
}

interface Filling {
  readonly creation: Creation
  readonly archive: OpenArchive
  readonly record: SessionRecord
  readonly tree: Tree
  readonly staging: string
}

async function fillCheckout(filling: Filling): Promise<void> {
  const { creation, archive, tree, staging } = filling
  const { services, settings, undo } = creation
  const { git } = services
  const { signal } = settings
  const { workDir } = tree
  undo.defer('files that were to be restored', () => deleteTree(staging))
  const agent = agentOf(filling)
  if (agent !== undefined) {
    await step(creation, 'objects')
    await restoreObjects(archive, join(agent.commonDir, 'objects'))
  }
  await step(creation, 'files')
  await mkdir(staging, { mode: 0o700 })
  await restoreFiles(git, archive, { workDir, staging, signal })
  await placeSpecial(archive, { staging, place: 'checkout', directory: workDir })
  const { rootDir } = filling.record
  await restoreBeside(archive, { staging, rootDir })
  if (agent !== undefined) {
    const { objectFormat } = archive.store
    const ownership = ownershipOf(services, settings.key.envId, agent.commonDir)
    if (agent.gitDir === agent.commonDir) await completeHistory(filling, agent)
    await withTrustedConfig({ ...ownership, agent, objectFormat }, (place) =>
      fillRepository(filling, agent, place),
    )
  } else {
    // A repository in a plain folder is the agent's alone.
    const gitDir = join(workDir, '.git')
    await movePointers(services, archive, { agent: { gitDir, commonDir: gitDir }, record: filling.record })
  }
  await step(creation, 'permissions')
  await restorePermissions(archive, workDir, await readUmask(staging))
}

function completeHistory({ creation, archive, staging }: Filling, { gitDir }: AgentGitDir): Promise<void> {
  const { services, settings } = creation
  const { scratchDir } = environmentLayout(services.settings.root, settings.key.envId)
  const objects = settings.shape?.objects ?? 'borrowed'
  return restoreHistory(services.git, archive, {
    gitDir,
    objects,
    staging,
    scratchDir,
    signal: settings.signal,
  })
}

function agentOf({ creation, tree }: Filling): AgentGitDir | undefined {
  const { traits } = creation.strategy
  return traits.usesRepository ? agentRepository(traits, tree) : undefined
}

async function fillRepository(filling: Filling, agent: AgentGitDir, place: RefPlace): Promise<void> {
  const { creation, archive, record, staging } = filling
  const { services, settings, strategy } = creation
  const { signal } = settings
  const from = archive.record.branch
  const branch = from === undefined || record.branch === undefined ? undefined : { from, to: record.branch }
  const refs = strategy.traits.sharesRefs ? 'shared' : 'own'
  const request: RefsRequest = { agent, place, refs, branch, signal }
  await step(creation, 'refs')
  const written = await writeRefs(filling, request)
  await step(creation, 'state')
  const registered = await placeGitDir(filling, request)
  const warnings = [...movedRefs(written), ...(await restoreHead(archive, { ...request, written }))]
  for (const message of warnings)
    services.events.emit('warning', sessionFacts(record), { code: 'RESTORED_ELSEWHERE', message })
  await movePointers(services, archive, { agent, record, registered })
  if (archive.manifest.files === 'gone')
    await restoreCommit(services.git, archive, {
      place: { ...place, gitDir: agent.gitDir },
      workDir: record.workDir,
      staging,
      signal,
    })
}

async function writeRefs(filling: Filling, request: RefsRequest): Promise<RestoredRef[]> {
  const { services, settings } = filling.creation
  const write = async () => {
    const written = await restoreRefs(services.git, filling.archive, request)
    // What was made in a repository that others use too would stay behind.
    for (const ref of request.refs === 'shared' ? written : []) deferDeletion(filling, request, ref)
    await restoreStashes(services.git, filling.archive, request)
    return written
  }
  if (request.refs === 'own') return write()
  return withEnvironment(services, settings.key.envId, settings.signal, write)
}

function deferDeletion(
  { creation, archive, record }: Filling,
  { agent }: RefsRequest,
  { ref, commit, elsewhere }: RestoredRef,
): void {
  const { services, settings, undo } = creation
  const { commonDir: gitDir } = agent
  const { envId } = settings.key
  const branch = /^refs\/heads\/(.+)$/.exec(elsewhere ?? ref)?.[1]
  if (branch !== undefined) {
    const made = { envId, gitDir, branch, commit, workDir: record.workDir }
    undo.defer(`branch ${branch}`, () => deleteUnusedBranch(services, made))
  } else if (elsewhere !== undefined) {
    const { objectFormat } = archive.store
    const home = {
      ...ownershipOf(services, envId, gitDir),
      agent: { gitDir, commonDir: gitDir },
      objectFormat,
    }
    const call = { args: ['update-ref', '-d', elsewhere, commit], ownRefs: [elsewhere] }
    undo.defer(elsewhere, () => withTrustedConfig(home, (place) => services.git.run({ ...call, ...place })))
  }
}

function movedRefs(written: readonly RestoredRef[]): string[] {
  return written.flatMap(({ ref, elsewhere }) =>
    elsewhere === undefined
      ? []
      : [`git refuses the ref ${JSON.stringify(ref)}; its object is at ${elsewhere}`],
  )
}

const SHALLOW = 'shallow'

/**
 * The index, reflogs, HEAD as it was, and the files of what was begun and not ended.
 *
 * @returns the worktrees that are registered anew in a repository that others use.
 */
async function placeGitDir(
  { archive, creation, staging }: Filling,
  request: RefsRequest,
): Promise<ReadonlySet<string>> {
  const { gitDir, commonDir } = request.agent
  const hasIndex = archive.manifest.special.some(({ place, name }) => place === 'git dir' && name === 'index')
  const staysAsMade = archive.manifest.files === 'gone' || staysOnBase(archive)
  if (!hasIndex && !staysAsMade) await rm(join(gitDir, 'index'), { force: true })
  const rename = (name: string) => renamedLog(name, request)
  await removeOwnTables(archive, request.agent)
  const cuts = await readTextIfPresent(join(gitDir, SHALLOW))
  await placeSpecial(archive, { staging, place: 'git dir', directory: gitDir, rename })
  await new RestoreFolder(gitDir).restoreFolders(archive.manifest.gitDirFolders)
  // A checkout that is made anew may have less history than the archived one had.
  if (cuts !== undefined) await appendFile(join(gitDir, SHALLOW), cuts)
  const ours = `logs/refs/heads/${request.branch?.from}`
  const free = await freeWorktrees(archive, commonDir)
  await placeSpecial(archive, {
    staging,
    place: 'common dir',
    directory: commonDir,
    // Reflogs of other branches belong to whoever uses them now, and so do names of worktrees.
    rename: (name) => (name === ours ? rename(name) : free.has(worktreeOf(name)) ? name : undefined),
  })
  await renameHeadInTables(creation.services.git, archive, request)
  return free
}

/** What the task was told before, unless it is told something else now. */
async function fillContext(
  creation: Creation,
  archive: OpenArchive,
  { contextDir, staging }: { readonly contextDir: string; readonly staging: string },
): Promise<void> {
  await step(creation, 'context')
  if (creation.settings.context === undefined)
    await placeSpecial(archive, { staging, place: 'context', directory: contextDir })
  await deleteTree(staging)
}

async function step({ services, settings }: Creation, name: string): Promise<void> {
  await services.beforeStep('restore', name)
  throwIfStopped(settings.signal)
  await assertStillHolding()
}
