import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { writeFileAtomic } from '../fs/atomic-write.js'
import { kindOf } from '../fs/presence.js'
import { temporaryName } from '../fs/temporary-name.js'
import { deleteTree } from '../fs/trash.js'
import type { Git } from '../git/git.js'
import { readPlain } from '../git/plain-files.js'
import type { ConfigCheck } from './config-check.js'
import { ownText } from './own-file.js'
import type { Tampering } from './tampering.js'

/** Where a repository says at which commits its history ends (gitrepository-layout(5)). */
const CUTS = 'shallow'
const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const MAX_BYTES = 16 * 1024 * 1024
const TOO_LONG = '(longer than any list)'

type Check = Pick<ConfigCheck, 'mirrorDir' | 'mode' | 'signal'>

/** What was last found true, beside the mirror, where agents with worktrees have nothing to write: it spares a look. */
const memoryOf = (mirrorDir: string) => join(dirname(mirrorDir), 'upstream-cuts')

/**
 * Takes those commits out of a mirror's list of cuts whose history goes on in the mirror: it would end there for every
 * task, and nobody be told. What a fetch really left out stays, a mirror of a shallow source among it, and is put back
 * where it is gone. No process is started where the list is the one that was last found true, or there is none; a lost
 * memory of that costs a look.
 *
 * After a fetch of ours, under its lock, it settles what was fetched: a shallow source lists cuts though more may be
 * here.
 */
export async function removeForgedCuts(git: Git, check: Check): Promise<Tampering[]> {
  const path = join(check.mirrorDir, CUTS)
  const listed = (await kindOf(path)) === 'file' ? ((await ownText(path)) ?? TOO_LONG) : ''
  const remembered = (await readPlain(memoryOf(check.mirrorDir), MAX_BYTES)) ?? ''
  if (listed === remembered) return []
  const cuts = [...new Set([...listed.split('\n'), ...remembered.split('\n')])].filter((line) => line !== '')
  const isCut = await trueCuts(git, check, cuts)
  const kept = lines(cuts.filter((oid) => isCut(oid)))
  if (kept !== listed && !(await putRight(git, check, cuts, kept))) return []
  if (check.mode !== 'look') await writeFileAtomic(memoryOf(check.mirrorDir), kept, { outlives: 'process' })
  if (kept === listed) return []
  return [{ path, problem: "the mirror's list of where its history ends was not what was fetched" }]
}

/** History ends at a commit of the mirror where one of its parents is not there. */
async function trueCuts(
  git: Git,
  { mirrorDir, signal }: Check,
  cuts: readonly string[],
): Promise<(oid: string) => boolean> {
  const call = { gitDir: mirrorDir, signal }
  const { stdout } = await git.run({
    args: [
      '--shallow-file',
      '',
      'rev-list',
      '--ignore-missing',
      '--no-walk=unsorted',
      '--parents',
      '--stdin',
    ],
    input: lines(cuts.filter((oid) => OID.test(oid))),
    ...call,
  })
  const families = new Map(
    stdout.split('\n').map((line) => {
      const [oid = '', ...parents] = line.split(' ')
      return [oid, parents]
    }),
  )
  const parents = [...new Set([...families.values()].flat())]
  const found = await git.run({ args: ['cat-file', '--batch-check'], input: lines(parents), ...call })
  const missing = new Set(
    found.stdout.split('\n').flatMap((line) => (line.endsWith(' missing') ? [line.split(' ')[0]] : [])),
  )
  return (oid) => families.get(oid)?.some((parent) => missing.has(parent)) === true
}

/** Only where the whole history is there then: else every git would fail on what is missing. */
async function putRight(git: Git, check: Check, cuts: readonly string[], kept: string): Promise<boolean> {
  const file = join(check.mirrorDir, CUTS)
  if (kept === '') {
    if (!(await isWhole(git, check, cuts, ''))) return false
    if (check.mode !== 'look') await deleteTree(file)
    return true
  }
  // git takes the list from a file, and a look writes none.
  if (check.mode === 'look') return true
  const written = join(dirname(check.mirrorDir), temporaryName(basename(check.mirrorDir)))
  try {
    await writeFile(written, kept)
    if (!(await isWhole(git, check, cuts, written))) return false
    await rename(written, file)
    return true
  } finally {
    await rm(written, { force: true })
  }
}

/** With the list of that file in place of the mirror's own; with none where its name is empty. */
async function isWhole(
  git: Git,
  { mirrorDir, signal }: Check,
  cuts: readonly string[],
  list: string,
): Promise<boolean> {
  const { code } = await git.run({
    args: ['--shallow-file', list, 'rev-list', '--ignore-missing', '--quiet', '--stdin'],
    input: lines(cuts.filter((oid) => OID.test(oid))),
    okCodes: [0, 128],
    gitDir: mirrorDir,
    signal,
  })
  return code === 0
}

function lines(oids: readonly string[]): string {
  return oids.map((oid) => `${oid}\n`).join('')
}
