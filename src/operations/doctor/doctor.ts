import { isSystemError } from '../../errors/system-error.js'
import type { DoctorFinding, DoctorOptions, DoctorReport } from '../../model/doctor-report.js'
import { environmentIds } from '../../sessions/environment-ids.js'
import { environmentExists } from '../environment-folder.js'
import { listSessions } from '../inspect.js'
import type { Services } from '../services.js'
import { checkArchives } from './check-archives.js'
import { checkFileSystem, checkFreeSpace } from './check-file-system.js'
import { checkGit } from './check-git.js'
import { checkMirrors } from './check-mirrors.js'
import { checkRecords } from './check-records.js'
import { checkPermissions, checkRoot } from './check-root.js'
import { checkLeftovers, checkOwners } from './check-sessions.js'
import { checkWorkspaces } from './check-workspaces.js'
import { type Diagnosis, lookFailure, orFinding } from './finding.js'

/**
 * Looks whether everything is as the manager needs it and left it: git, the file system, permissions, mirrors, and what
 * killed processes left. With the mode `fix` it puts right what can be put right without losing anything.
 */
export async function doctor(
  services: Services,
  { mode = 'look', signal }: DoctorOptions & { readonly signal: AbortSignal },
): Promise<DoctorReport> {
  const [root] = await orFinding({ check: 'root' }, () => checkRoot(services))
  const found = [...(await orFinding({ check: 'git' }, () => checkGit(services))), ...(root ? [root] : [])]
  if (root?.level !== 'ok') return report(found)
  found.push(...(await orFinding({ check: 'root' }, () => insideRoot(services, signal))))
  // A sweep asks git about the mirrors, which are therefore put right first.
  const mended = mode === 'fix' ? await repaired(found) : found
  const left = await orFinding({ check: 'leftovers' }, () => checkLeftovers(services, mode, signal))
  // A record that cannot be read has been told of.
  const told = new Set(found.flatMap(({ check, path }) => (check === 'workspaces' ? (path ?? []) : [])))
  return report([...mended, ...left.filter(({ path }) => path === undefined || !told.has(path))])
}

async function insideRoot(services: Services, signal: AbortSignal): Promise<Diagnosis[]> {
  const ids = await environmentIds(services.settings.root)
  const exist = await Promise.all(ids.map((envId) => mayExist(services, envId)))
  const envIds = ids.filter((_, index) => exist[index])
  return [
    await orFinding({ check: 'permissions' }, () => checkPermissions(services, envIds)),
    await orFinding({ check: 'file-system' }, () => checkFileSystem(services, envIds)),
    await orFinding({ check: 'free-space' }, () => checkFreeSpace(services)),
    await checkRecords(services, envIds, signal),
    await checkMirrors(services, envIds, signal),
    await checkArchives(services, envIds, signal),
    await orFinding({ check: 'owners' }, () => insideSessions(services)),
  ].flat()
}

async function insideSessions(services: Services): Promise<Diagnosis[]> {
  const records = await listSessions(services, {})
  return [...(await checkOwners(services, records)), ...(await checkWorkspaces(services, records))]
}

/** What this user may not see is there for all that is known; the checks say what is in the way. */
async function mayExist(services: Services, envId: string): Promise<boolean> {
  try {
    return await environmentExists(services, envId)
  } catch (error) {
    if (!isSystemError(error, 'EACCES', 'EPERM')) throw error
    return true
  }
}

async function repaired(found: readonly Diagnosis[]): Promise<Diagnosis[]> {
  const after: Diagnosis[] = []
  for (const diagnosis of found) after.push(await repair(diagnosis))
  return after
}

async function repair({ repair: act, ...finding }: Diagnosis): Promise<Diagnosis> {
  if (act === undefined) return finding
  try {
    await act()
    return { ...finding, fixed: true }
  } catch (error) {
    return { ...finding, error: lookFailure(error) }
  }
}

function report(found: readonly Diagnosis[]): DoctorReport {
  const findings = found.map(({ repair: _, ...finding }): DoctorFinding => finding)
  const problems = findings.filter(({ level }) => level === 'problem')
  const fixed = problems.filter((finding) => finding.fixed).length
  return { findings, problems: problems.length - fixed, fixed }
}
