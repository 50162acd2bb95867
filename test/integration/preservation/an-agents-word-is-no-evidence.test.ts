import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { isThere } from '../verbs/presence.js'
import { agentCommits, agentGit, agentWrites } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { workFoundIn } from './look.js'

const FILES = { 'README.md': 'one\n', '.gitattributes': 'README.md filter=harm\n' }

async function prepared(): Promise<Workspace> {
  const { prepare } = await makeWarmStage({}, { files: FILES })
  return prepare({ strategy: 'clone' })
}

const inGitDir = (workspace: Workspace, ...path: string[]) => join(workspace.workDir, '.git', ...path)

test('a remote-tracking ref that the agent wrote saves nothing', async () => {
  const workspace = await prepared()
  const commit = await agentCommits(workspace, 'work.txt')
  await agentGit(workspace, 'update-ref', 'refs/remotes/origin/main', 'HEAD')
  // The control: in the clone nothing looks unsaved.
  expect(await agentGit(workspace, 'log', '--oneline', 'HEAD', '--not', '--remotes')).toBe('')
  expect(await workFoundIn(workspace)).toMatchObject({ commits: [commit] })
})

/** How an agent with a linked worktree comes to write remote-tracking refs of the mirror itself. */
const CLAIMS: Readonly<Record<string, (workspace: Workspace) => Promise<unknown>>> = {
  'a new remote-tracking ref': (w) => agentGit(w, 'update-ref', 'refs/remotes/origin/fake', 'HEAD'),
  'a moved remote-tracking ref': (w) =>
    agentGit(w, 'fetch', '--quiet', '.', '+HEAD:refs/remotes/origin/main'),
  'a push to a remote of its own': async (w) => {
    const own = join(await temporaryDirectory(), 'own.git')
    await agentGit(w, 'init', '--quiet', '--bare', own)
    await agentGit(w, 'config', 'remote.origin.pushurl', own)
    await agentGit(w, 'push', '--quiet', 'origin', 'HEAD')
  },
}

test.each(Object.entries(CLAIMS))('%s in the mirror saves nothing', async (_what, claim) => {
  const { prepare, upstream } = await makeWarmStage({}, { files: FILES })
  const workspace = await prepare({ strategy: 'worktree' })
  const commit = await agentCommits(workspace, 'work.txt')
  await claim(workspace)
  // The control: in the mirror nothing looks unsaved.
  expect(await agentGit(workspace, 'log', '--oneline', 'HEAD', '--not', '--remotes')).toBe('')
  expect(await workFoundIn(workspace)).toMatchObject({ commits: [commit], unknown: [] })
  // What was truly pushed is saved.
  await agentGit(workspace, 'push', '--quiet', upstream.url, 'HEAD:refs/heads/pushed')
  expect(await workspace.cleanup({ onUnsavedWork: 'refuse' })).toMatchObject({ branch: { deleted: true } })
})

test('a forged graph of commits hides nothing', async () => {
  const workspace = await prepared()
  const base = await agentGit(workspace, 'rev-parse', 'HEAD')
  const commit = await agentCommits(workspace, 'work.txt')
  await agentGit(workspace, 'commit-graph', 'write', '--reachable')
  await forgeParent(inGitDir(workspace, 'objects/info/commit-graph'), base, commit)
  // The control: by the graph the base comes after the work.
  expect(await agentGit(workspace, 'rev-list', 'HEAD', '--not', 'origin/main')).toBe('')
  expect(await workFoundIn(workspace)).toMatchObject({ commits: [commit] })
})

/** Makes one commit of a graph the child of another; see gitformat-commit-graph(5). */
async function forgeParent(file: string, child: string, parent: string): Promise<void> {
  const graph = await readFile(file)
  const chunks = Array.from({ length: graph[6] ?? 0 }, (_, at) => 8 + 12 * at)
  const chunk = (id: string) => {
    const entry = chunks.find((at) => graph.toString('latin1', at, at + 4) === id) ?? 0
    return Number(graph.readBigUInt64BE(entry + 4))
  }
  const position = (oid: string) =>
    (graph.indexOf(Buffer.from(oid, 'hex'), chunk('OIDL')) - chunk('OIDL')) / 20
  graph.writeUInt32BE(position(parent), chunk('CDAT') + 36 * position(child) + 20)
  await rm(file)
  await writeFile(file, graph)
}

test('no command of its configuration is run', async () => {
  const workspace = await prepared()
  const mark = join(workspace.stateDir, 'mark')
  const command = `touch '${mark}'; cat`
  const settings = ['filter.harm.clean', 'filter.harm.smudge', 'core.fsmonitor', 'diff.external']
  for (const name of settings) await agentGit(workspace, 'config', name, command)
  await agentWrites(workspace, 'README.md', 'changed\n')
  expect(await workFoundIn(workspace)).toMatchObject({ counts: { unstaged: 1 } })
  expect(await isThere(mark)).toBe(false)
  // The control: plain git runs it.
  await agentGit(workspace, 'status', '--porcelain')
  expect(await isThere(mark)).toBe(true)
})

/** What cannot be read, or is not what git makes. */
const ODD: Readonly<Record<string, (workspace: Workspace) => Promise<unknown>>> = {
  'a HEAD that names nothing': (w) => writeFile(inGitDir(w, 'HEAD'), 'nothing\n'),
  'a repository that is gone': (w) => rm(inGitDir(w), { recursive: true }),
  'a repository that is elsewhere': (w) =>
    agentGit(w, 'init', '--separate-git-dir', join(w.stateDir, 'elsewhere')),
  'a ref that is a link': (w) => symlink('/etc/passwd', inGitDir(w, 'refs/heads/link')),
  'a reflog that is a link': async (w) => {
    await mkdir(inGitDir(w, 'logs/refs/heads'), { recursive: true })
    await symlink('/etc/passwd', inGitDir(w, 'logs/refs/heads/link'))
  },
  'an index that is a link': async (w) => {
    await rename(inGitDir(w, 'index'), inGitDir(w, 'other'))
    await symlink(inGitDir(w, 'other'), inGitDir(w, 'index'))
  },
  'an index that is none': (w) => writeFile(inGitDir(w, 'index'), 'none\n'),
  'a MERGE_HEAD that names nothing': (w) => writeFile(inGitDir(w, 'MERGE_HEAD'), 'nothing\n'),
  'a branch whose commit is missing': (w) => writeFile(inGitDir(w, 'refs/heads/lost'), `${'1'.repeat(40)}\n`),
  'a ref that names a file': (w) => agentGit(w, 'update-ref', 'refs/data/file', 'HEAD:README.md'),
  'a branch that says nothing': (w) => writeFile(inGitDir(w, 'refs/heads/torn'), ''),
  'refs in a store of another kind': (w) => mkdir(inGitDir(w, 'reftable')),
}

test.each(Object.entries(ODD))('%s is unknown, and so is kept', async (_what, make) => {
  const workspace = await prepared()
  await make(workspace)
  expect((await workFoundIn(workspace)).unknown).not.toEqual([])
  expect(await isThere(workspace.workDir)).toBe(true)
})
