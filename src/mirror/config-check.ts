import { join } from 'node:path'
import { hasErrorCode } from '../errors/workspace-error.js'
import { kindOf } from '../fs/presence.js'
import { guardUrl } from '../git/arguments.js'
import type { Git } from '../git/git.js'
import { quoteConfigValue } from '../model/git-config-value.js'
import type { ObjectFormat } from '../model/object-format.js'
import { ownText, replaceOwn } from './own-file.js'

export interface ConfigCheck {
  readonly mirrorDir: string
  /** All that the manager writes after what `git init` found out, as configuration text. */
  readonly sections: string
  /** `any`: for a local source, whose tasks may have been given other URLs for `origin`. */
  readonly origin: 'fixed' | 'any'
  readonly objectFormat: ObjectFormat
  readonly signal?: AbortSignal | undefined
  /** `look`: what is found is left as it is; default `repair`. */
  readonly mode?: 'look' | 'repair' | undefined
}

type Entry = readonly [key: string, value: string]

/** What `git init` writes, depending on the file system; newer ones have the extensions in front. */
const PROBED =
  /^(?:\[extensions\]\n\tobjectformat = sha256\n)?\[core\]\n(?:\t(?:repositoryformatversion = [01]|filemode = (?:true|false)|bare = true|symlinks = false|ignorecase = true|precomposeunicode = (?:true|false))\n)+(?:\[extensions\]\n\tobjectformat = sha256\n)?$/

const PROBED_KEYS = ['filemode', 'symlinks', 'ignorecase', 'precomposeunicode'].map((name) => `core.${name}`)

/**
 * What agents' own git writes into the configuration that worktrees share, and what nothing of the manager's ever
 * obeys: upstreams of branches, and names of authors.
 */
const HARMLESS =
  /^(?:branch\..+\.(?:remote|merge|rebase|pushremote|description|gh-merge-base|vscode-merge-base)|user\.(?:name|email)|extensions\.worktreeconfig)$/s

/** What `git sparse-checkout` writes into configurations of single worktrees. */
const SPARSE = /^(?:core\.sparsecheckout|core\.sparsecheckoutcone|core\.bare|index\.sparse)$/

/**
 * Compares a mirror's configuration with what the manager wrote, and writes it anew where it differs; entries that
 * are harmless are kept. No process is started where it is as it was written.
 *
 * @returns the keys that were added, changed or taken away; none where all was well.
 */
export async function checkConfig(git: Git, check: ConfigCheck): Promise<string[]> {
  const text = await ownText(join(check.mirrorDir, 'config'))
  if (text?.endsWith(check.sections) && PROBED.test(text.slice(0, -check.sections.length))) return []
  const found = text === undefined ? [] : await entriesOf(git, text, check.signal)
  const expected = (await entriesOf(git, check.sections, check.signal)) ?? []
  if (found === undefined) return repair(check, [], ['(it cannot be read)'])
  const isOwnOrigin = isOriginKept(found, check)
  const wanted = expected.filter(([key]) => key !== 'remote.origin.url' || !isOwnOrigin)
  const keys = differences(found, wanted, isOwnOrigin)
  return keys.length === 0 ? [] : repair(check, found, keys)
}

/** Whether a worktree's own configuration says anything but how sparse it is. */
export async function isWorktreeConfigStrange(
  git: Git,
  file: string,
  signal?: AbortSignal,
): Promise<boolean> {
  if ((await kindOf(file)) === 'absent') return false
  const text = await ownText(file)
  const entries = text === undefined ? undefined : await entriesOf(git, text, signal)
  return entries === undefined || entries.some(([key]) => !SPARSE.test(key))
}

/** As git reads it, without what it includes. Undefined where git cannot. */
async function entriesOf(git: Git, text: string, signal?: AbortSignal): Promise<Entry[] | undefined> {
  const { code, stdout } = await git.run({
    args: ['config', '--file', '-', '--no-includes', '--list', '-z'],
    input: text,
    okCodes: [0, 1, 3, 128, 255],
    signal,
  })
  if (code !== 0) return undefined
  return stdout
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const end = entry.indexOf('\n')
      return end < 0 ? [entry, 'true'] : [entry.slice(0, end), entry.slice(end + 1)]
    })
}

/** With exactly one URL that git can take for nothing but a URL. */
function isOriginKept(found: readonly Entry[], { origin }: ConfigCheck): boolean {
  const urls = found.filter(([key]) => key === 'remote.origin.url')
  if (origin === 'fixed' || urls.length !== 1) return false
  try {
    guardUrl(urls[0]?.[1] ?? '')
    return true
  } catch (error) {
    if (!hasErrorCode(error, 'SOURCE_INVALID')) throw error
    return false
  }
}

function differences(found: readonly Entry[], wanted: readonly Entry[], isOwnOrigin: boolean): string[] {
  const left = wanted.map(keyAndValue)
  const strange = found.filter((entry) => {
    const at = left.indexOf(keyAndValue(entry))
    if (at >= 0) left.splice(at, 1)
    return (
      at < 0 &&
      !isProbed(entry) &&
      !HARMLESS.test(entry[0]) &&
      !(isOwnOrigin && entry[0] === 'remote.origin.url')
    )
  })
  const missing = left.map((entry) => entry.slice(0, entry.indexOf('\n')))
  return [...new Set([...strange.map(([key]) => key), ...missing])]
}

function isProbed([key, value]: Entry): boolean {
  if (PROBED_KEYS.includes(key)) return value === 'true' || value === 'false'
  if (key === 'core.bare') return value === 'true'
  if (key === 'core.repositoryformatversion') return value === '0' || value === '1'
  return key === 'extensions.objectformat' && value === 'sha256'
}

function keyAndValue([key, value]: Entry): string {
  return `${key}\n${value}`
}

async function repair(check: ConfigCheck, found: readonly Entry[], keys: string[]): Promise<string[]> {
  if (check.mode === 'look') return keys
  const file = join(check.mirrorDir, 'config')
  const kept = found.filter(([key]) => HARMLESS.test(key)).map(rendered)
  const text = `${probedPart(found, check)}${check.sections}${kept.join('')}`
  await replaceOwn(file, text, 0o600)
  return keys
}

function probedPart(found: readonly Entry[], { objectFormat }: ConfigCheck): string {
  const version = found.find(([key]) => key === 'core.repositoryformatversion')?.[1] === '1' ? 1 : 0
  const probed = found.filter((entry) => PROBED_KEYS.includes(entry[0]) && isProbed(entry))
  const values = new Map([...probed].reverse())
  const lines = [...values].map(([key, value]) => `\t${key.slice('core.'.length)} = ${value}\n`)
  const sha256 = objectFormat === 'sha256'
  const head = `[core]\n\trepositoryformatversion = ${sha256 ? 1 : version}\n\tbare = true\n${lines.join('')}`
  return sha256 ? `${head}[extensions]\n\tobjectformat = sha256\n` : head
}

function rendered([key, value]: Entry): string {
  const [section = '', ...rest] = key.split('.')
  const name = rest.pop() ?? ''
  const subsection = rest.join('.').replaceAll('\\', '\\\\').replaceAll('"', '\\"')
  const header = rest.length === 0 ? `[${section}]` : `[${section} "${subsection}"]`
  return `${header}\n\t${name} = ${quoteConfigValue(value)}\n`
}
