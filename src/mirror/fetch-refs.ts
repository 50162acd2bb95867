import { throwIfStopped } from '../errors/stop-reason.js'
import { type MirrorPlace, withFetchConfig } from './fetch-config.js'
import { FetchWatch } from './fetch-watch.js'
import type { MirrorContext } from './mirror-context.js'
import { removeOddRefs, removeSymbolicRefs } from './odd-refs.js'
import { PackBytes } from './pack-bytes.js'
import { fetchPlace } from './partial-mirror.js'
import { takeInPacks, withStaging } from './staging-repository.js'
import { makingWayForTags } from './tags-in-the-way.js'

/** Those of every fetch: it changes nothing but objects and the refs that it is for. */
const QUIET = ['--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules', '--progress']

interface FetchCommand {
  readonly options: readonly string[]
  readonly refspecs?: readonly string[] | undefined
  readonly input?: string | undefined
  readonly config?: Readonly<Record<string, string>> | undefined
}

/**
 * Fetches refs with what they reach. Where the mirror's size is limited they go into a repository beside it first, so
 * that nothing of what is too large ever gets into one that is in use.
 *
 * @throws GitError LIMIT_EXCEEDED
 */
export async function fetchRefs(
  context: MirrorContext,
  refspecs: readonly string[],
  options: readonly string[],
): Promise<void> {
  if (context.stage !== 'building') await clearRefs(context)
  const command = { options: [...options, '--update-shallow'], refspecs }
  if (!isStaged(context)) return makingWayForTags(context, () => fetchInto(context, command))
  await withStaging(context, async (staging) => {
    await fetchInto(staging, command)
    await takeInPacks(staging.mirrorDir, context.mirrorDir)
    await makingWayForTags(context, () => takeInRefs(context, staging.mirrorDir, command))
  })
}

/** An agent may have changed them since the mirror was looked at. */
async function clearRefs({ mirrorDir, onTampered }: MirrorContext): Promise<void> {
  const odd = await removeOddRefs(mirrorDir, 'repair')
  onTampered?.([...odd, ...(await removeSymbolicRefs(mirrorDir))])
}

/** Fetches objects, and no refs, with the same limits. */
export async function fetchOnly(context: MirrorContext, command: FetchCommand): Promise<void> {
  if (!isStaged(context)) return fetchInto(context, command)
  await withStaging(context, async (staging) => {
    await fetchInto(staging, command)
    await takeInPacks(staging.mirrorDir, context.mirrorDir)
  })
}

function isStaged({ limits, stage }: MirrorContext): boolean {
  return limits?.maxRepositoryBytes !== undefined && stage !== 'building'
}

async function fetchInto(context: MirrorContext, command: FetchCommand): Promise<void> {
  const { git, mirrorDir, access, onFetchProgress } = context
  const packs = new PackBytes(mirrorDir)
  const others = await packs.unfinished()
  const watch = new FetchWatch(context, packs)
  const { remote, config } = fetchPlace(context)
  try {
    const fetch = (place: MirrorPlace) =>
      git.run({
        args: ['fetch', ...QUIET, ...command.options, '--', remote, ...(command.refspecs ?? [])],
        ...(command.input === undefined ? {} : { input: command.input }),
        ...place,
        config: { ...place.config, ...config, ...command.config },
        network: access.network,
        signal: watch.signal,
        onLine: watch.hear,
        onProgress: onFetchProgress,
      })
    await watch.during(() => withFetchConfig(context, fetch))
  } catch (error) {
    // git leaves what it had received; a mirror that is only being built goes as a whole.
    const left = (await packs.unfinished()).filter((path) => !others.includes(path))
    if (context.stage !== 'building') await git.clearAway(left)
    throw error
  }
}

/** What the refs reach is there by now, and nothing can come from elsewhere any more. */
async function takeInRefs(
  context: MirrorContext,
  from: string,
  { options, refspecs = [] }: FetchCommand,
): Promise<void> {
  const { git, signal } = context
  throwIfStopped(signal)
  const sameNames = refspecs.map((refspec) => {
    const name = refspec.slice(refspec.indexOf(':') + 1)
    return `+${name}:${name}`
  })
  await withFetchConfig(context, (place) =>
    git.run({
      args: ['fetch', ...QUIET, ...options, '--', from, ...sameNames],
      ...place,
      network: { protocols: ['file'], url: from },
      signal,
    }),
  )
}
