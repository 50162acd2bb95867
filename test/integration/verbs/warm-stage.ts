import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkspaceManager, type WorkspaceManagerOptions } from 'git-task-isolation'
import { environmentLayout } from '../../../src/model/layout.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream, type UpstreamOptions, upstreamAt } from '../../helpers/upstream.js'
import { copyOfTemplate } from '../../helpers/upstream-templates.js'
import { ENV, KEY, newManager, type Stage, stageOf } from './stage.js'

const ORIGIN = 'origin-of-the-template'

/** Nobody changes the upstream of such a test behind the mirror's back, and asking it takes five processes. */
const FRESH = { mode: 'prefer', maxAgeMs: 3_600_000 } as const

/**
 * As `makeStage`, with the mirror of the environment made already: a copy of another one's, for tests that are about what
 * comes after that, since making it takes half of a test's git processes. A prepare takes the mirror as it is.
 */
export async function makeWarmStage(
  options: WorkspaceManagerOptions = {},
  repository: UpstreamOptions = {},
): Promise<Stage> {
  const directory = await temporaryDirectory()
  const path = join(directory, 'warm')
  await copyOfTemplate(path, { ...repository, warm: true }, (template) => makeTemplate(template, repository))
  const upstream = upstreamAt(join(path, 'upstream.git'), repository.defaultBranch ?? 'main')
  const root = join(path, 'root')
  const { environmentFile, mirrorDir } = environmentLayout(root, ENV)
  for (const file of [environmentFile, join(mirrorDir, 'config')])
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll(`file:///${ORIGIN}`, upstream.url))
  return stageOf({ directory, root, upstream, manager: newManager({ freshness: FRESH, ...options, root }) })
}

async function makeTemplate(template: string, repository: UpstreamOptions): Promise<void> {
  const upstream = await createUpstream(join(template, 'upstream.git'), repository)
  const root = join(template, 'root')
  await mkdir(root)
  const manager = new WorkspaceManager({ root, auditLog: false })
  const workspace = await manager.prepare({ ...KEY, source: upstream.url })
  await workspace.cleanup({ onUnsavedWork: 'discard' })
  await manager.close()
  const { environmentFile, mirrorDir, trashDir } = environmentLayout(root, ENV)
  await rm(trashDir, { recursive: true, force: true })
  for (const file of [environmentFile, join(mirrorDir, 'config')])
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll(upstream.url, `file:///${ORIGIN}`))
}
