import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hasErrorCode } from '../../../src/errors/workspace-error.js'
import {
  readAgentHead,
  readBranchNames,
  readRef,
  readReflog,
  readRefs,
  readSymbolicRef,
} from '../../../src/git/agent-git-dir.js'
import { refStorageOf } from '../../../src/git/ref-storage.js'
import { readTableLogs } from '../../../src/git/reftable.js'
import { parseLogs, parseRefs } from '../../../src/git/reftable-table.js'
import { TableBudget } from '../../../src/git/table-budget.js'
import { readMainBranch, readWorktrees } from '../../../src/git/worktree-list.js'
import { knowsReftables } from '../../helpers/reftables.js'
import { feedGit, git } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { TABLES, UNFOLDING } from './reftable-fixture.js'

const FIRST = 'a0e90e3020590c63985e896d78b812d54d6e2a50'
const SECOND = '8a7983e0e2a28418d4e4e73990641dc80b8de00f'
const CONFIG = '[core]\n\trepositoryformatversion = 1\n[extensions]\n\trefstorage = reftable\n'

async function repository(config = CONFIG) {
  const gitDir = await temporaryDirectory()
  await mkdir(join(gitDir, 'reftable'))
  await mkdir(join(gitDir, 'refs'))
  await writeFile(join(gitDir, 'config'), config)
  await writeFile(join(gitDir, 'HEAD'), 'ref: refs/heads/.invalid\n')
  await writeFile(join(gitDir, 'refs/heads'), 'this repository uses the reftable format\n')
  for (const [name, bytes] of Object.entries(TABLES))
    await writeFile(join(gitDir, 'reftable', name), Buffer.from(bytes, 'base64'))
  await writeFile(join(gitDir, 'reftable/tables.list'), Object.keys(TABLES).join('\n'))
  return { gitDir, commonDir: gitDir }
}

test('what newer tables say counts, also that a ref is gone', async () => {
  const agent = await repository()
  expect(await readAgentHead(agent)).toEqual({ branch: 'main', commit: SECOND })
  expect(await readBranchNames(agent)).toEqual(['main'])
  expect(await readRef(agent, 'refs/heads/side')).toBeUndefined()
  expect([...(await readRefs(agent, ['refs/tags/', 'refs/odd/']))]).toEqual([
    ['refs/tags/v1', '1404fe8ea4ae72a9608b35e501a7723c0999090a'],
    ['refs/odd/ü', SECOND],
  ])
  expect(await readSymbolicRef(agent.gitDir, 'refs/remotes/origin/HEAD')).toBe('refs/heads/main')
  const who = 'Author <author@example.org> 1704177245 -0330'
  expect(await readReflog(agent, 'HEAD')).toEqual([
    { before: '0'.repeat(40), after: FIRST, who, message: 'commit (initial): First' },
    { before: FIRST, after: SECOND, who, message: 'commit: Second' },
  ])
  expect(await readReflog(agent, 'refs/heads/side')).toEqual([])
})

test('damaged bytes are said to be damaged, or change what is read, and nothing else happens', () => {
  for (const table of Object.values(TABLES)) {
    const whole = Buffer.from(table, 'base64')
    for (let at = 0; at < whole.length; at += 1) {
      const flipped = Buffer.from(whole)
      flipped[at] = whole.readUInt8(at) ^ 0xff
      for (const bytes of [flipped, whole.subarray(0, at)]) expect(outcomeOf(bytes)).not.toBe('another error')
    }
  }
})

function outcomeOf(bytes: Buffer): string {
  try {
    parseRefs(bytes, new TableBudget())
    parseLogs(bytes, new TableBudget())
    return 'read'
  } catch (error) {
    return error instanceof RangeError ? 'damaged' : 'another error'
  }
}

const SPOILT: Readonly<Record<string, (gitDir: string) => Promise<unknown>>> = {
  'a table that is gone': (gitDir) => rm(join(gitDir, 'reftable', Object.keys(TABLES)[0] ?? '')),
  'a table that is cut off': (gitDir) =>
    writeFile(join(gitDir, 'reftable', Object.keys(TABLES)[0] ?? ''), Buffer.from('REFT')),
  'a table whose keys unfold to 200 gigabytes': (gitDir) =>
    writeFile(join(gitDir, 'reftable', Object.keys(TABLES)[0] ?? ''), UNFOLDING),
  'a table elsewhere': (gitDir) => writeFile(join(gitDir, 'reftable/tables.list'), '../config\n'),
  'a HEAD that is a file': (gitDir) => writeFile(join(gitDir, 'HEAD'), 'ref: refs/heads/main\n'),
  'packed refs': (gitDir) => writeFile(join(gitDir, 'packed-refs'), `${FIRST} refs/heads/old\n`),
  'a reflog that is a file': async (gitDir) => {
    await mkdir(join(gitDir, 'logs'))
    await writeFile(join(gitDir, 'logs/HEAD'), '')
  },
  'a storage that nobody knows': (gitDir) =>
    writeFile(join(gitDir, 'config'), '[extensions]\n\trefstorage = reftable://elsewhere\n'),
}

test.each(Object.keys(SPOILT))('%s makes the refs unreadable', async (name) => {
  const agent = await repository()
  await SPOILT[name]?.(agent.gitDir)
  const outcome = await readAgentHead(agent).catch((error: unknown) => error)
  expect(hasErrorCode(outcome, 'TAMPERED')).toBe(true)
})

test('tables that the configuration does not name hide no branch', async () => {
  const agent = await repository('[core]\n\trepositoryformatversion = 0\n')
  await writeFile(join(agent.gitDir, 'packed-refs'), `${FIRST} refs/heads/old\n`)
  await rm(join(agent.gitDir, 'refs/heads'))
  expect(await refStorageOf(agent.gitDir)).toBe('files')
  expect(await readBranchNames(agent)).toEqual(['old'])
  // Without tables HEAD names nothing.
  const outcome = await readAgentHead(agent).catch((error: unknown) => error)
  expect(hasErrorCode(outcome, 'TAMPERED')).toBe(true)
})

describe.runIf(await knowsReftables())('where the installed git knows them (2.45)', () => {
  test.each(['sha1', 'sha256'])('with %s, thousands of refs, and worktrees', async (format) => {
    const directory = await temporaryDirectory()
    const path = join(directory, 'repo')
    const kinds = ['--ref-format=reftable', `--object-format=${format}`]
    await git(directory, 'init', '--quiet', ...kinds, '-b', 'main', 'repo')
    await git(path, 'commit', '--quiet', '--allow-empty', '-m', 'First')
    const created = Array.from({ length: 2000 }, (_, at) => `create refs/heads/many/${at} HEAD\n`)
    await feedGit(path, created.join(''), 'update-ref', '--create-reflog', '-m', 'many', '--stdin')
    await git(path, 'branch', '--quiet', '-D', 'many/7')
    await git(path, 'worktree', 'add', '--quiet', '-b', 'beside', join(directory, 'beside'))
    await git(path, 'worktree', 'add', '--quiet', '--detach', join(directory, 'detached'))
    const agent = { gitDir: join(path, '.git'), commonDir: join(path, '.git') }

    const listed = await git(path, 'for-each-ref', '--format=%(refname) %(objectname)')
    const read = [...(await readRefs(agent, ['refs/']))].map((ref) => ref.join(' '))
    expect(read.sort()).toEqual(listed.split('\n').sort())
    const logs = await readTableLogs(agent.gitDir)
    expect([...logs.keys()].sort()).toEqual((await git(path, 'reflog', 'list')).split('\n').sort())
    expect(await readMainBranch(agent.gitDir)).toBe('main')
    const worktrees = await readWorktrees(agent.gitDir, new Date(Date.now() + 60_000))
    expect(worktrees.map(({ branch }) => branch).sort()).toEqual(['beside', undefined])

    await git(join(directory, 'beside'), 'checkout', '--quiet', 'many/1')
    const moved = await readWorktrees(agent.gitDir, new Date(Date.now() + 60_000))
    expect(moved.map(({ branch }) => branch).sort()).toEqual(['many/1', undefined])
  })
})
