import { createRequire } from 'node:module'

const manifest: unknown = createRequire(import.meta.url)('git-task-isolation/package.json')

/** The version of the installed package. */
export const version = readVersion(manifest)

function readVersion(value: unknown): string {
  if (
    typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    typeof value.version === 'string'
  ) {
    return value.version
  }
  return 'unknown'
}
