import { quoteConfigValue } from './git-config-value.js'
import type { ObjectFilter } from './shape.js'

/**
 * Makes a repository's configuration that of a partial clone of its `origin`, as `git clone --filter` does: what is
 * missing is promised by that remote, and git fetches it when it is needed. The extension, which takes the newer
 * format, keeps gits that know nothing of that away.
 */
export function asPartialClone(config: string, filter: ObjectFilter): string {
  const newer = config.replace(/(repositoryformatversion\s*=\s*)0/i, (_, key: string) => `${key}1`)
  return `${newer.trimEnd()}
[extensions]
\tpartialClone = origin
[remote "origin"]
\tpromisor = true
\tpartialclonefilter = ${quoteConfigValue(filter)}
`
}
