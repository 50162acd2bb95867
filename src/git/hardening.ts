import { devNull } from 'node:os'

/** One configuration entry; several may have the same key. */
export type ConfigEntry = readonly [key: string, value: string]

/** Every event of githooks(5) that git itself raises. */
const HOOK_EVENTS = [
  'applypatch-msg',
  'commit-msg',
  'post-applypatch',
  'post-checkout',
  'post-commit',
  'post-index-change',
  'post-merge',
  'post-receive',
  'post-rewrite',
  'post-update',
  'pre-applypatch',
  'pre-auto-gc',
  'pre-commit',
  'pre-merge-commit',
  'pre-push',
  'pre-rebase',
  'pre-receive',
  'prepare-commit-msg',
  'proc-receive',
  'push-to-checkout',
  'reference-transaction',
  'sendemail-validate',
  'update',
] as const

/**
 * Configuration that every git process gets. It comes through the environment, which beats what a repository's
 * own configuration says, and keeps argv short.
 *
 * `core.alternateRefsCommand` and `credential.helper` cannot be unset, so one is made harmless and the
 * list of the other is emptied. `transfer.credentialsInUrl=die` is left alone: it would judge remotes of
 * repositories that belong to the caller, and no URL with a password comes from here.
 */
export const HARDENING: readonly ConfigEntry[] = [
  ['core.hooksPath', devNull],
  // Since git 2.54 a configuration may name hooks, too; what switches them off by event came a little later, and is taken
  // back by a hook that is called as its event: nothing is written under an agent's configuration (`withTrustedConfig`).
  ...HOOK_EVENTS.map((event) => [`hook.${event}.enabled`, 'false'] as const),
  ['core.fsmonitor', 'false'],
  ['core.askPass', ''],
  ['core.alternateRefsCommand', 'true'],
  // The user's ignore and attribute files would decide what is seen and saved of an agent's work.
  ['core.excludesFile', devNull],
  ['core.attributesFile', devNull],
  // Before git 2.42 a repository's configuration takes GIT_NO_REPLACE_OBJECTS back.
  ['core.useReplaceRefs', 'false'],
  ['credential.helper', ''],
  // Of GIT_GRAFT_FILE, in six lines above what git has to say.
  ['advice.graftFileDeprecated', 'false'],
  ['protocol.ext.allow', 'never'],
  ['submodule.recurse', 'false'],
  ['fetch.recurseSubmodules', 'false'],
  ['diff.ignoreSubmodules', 'all'],
  ['commit.gpgSign', 'false'],
  ['tag.gpgSign', 'false'],
  ['log.showSignature', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  // Refs in tables have one lock for all of them, and hundreds of tasks make their branches at once.
  ['reftable.lockTimeout', '10000'],
]

/** Entries as environment variables, in order: for a key that takes one value the last one counts (git 2.31). */
export function configEnvironment(entries: readonly ConfigEntry[]): Record<string, string> {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(entries.length) }
  entries.forEach(([key, value], index) => {
    variables[`GIT_CONFIG_KEY_${index}`] = key
    variables[`GIT_CONFIG_VALUE_${index}`] = value
  })
  return variables
}
