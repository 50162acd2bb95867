import type { OpenArchive } from './restore-archive.js'

/**
 * Whether a restored workspace stays on the base: the repository was gone when it was archived, so that nothing tells
 * where HEAD was, nor that its branch was anywhere else. A branch that the agent left without commits is named by the
 * HEAD that was archived.
 */
export function staysOnBase({ record, manifest, refs }: OpenArchive): boolean {
  if (manifest.special.some(({ place, name }) => place === 'git dir' && name === 'HEAD')) return false
  const archived = manifest.refs.find(([ref]) => ref === `refs/heads/${record.branch}`)?.[1]
  const tip = archived === undefined ? undefined : refs.get(archived)
  return tip === undefined || tip === record.workspace.base?.commit
}
