import { spawnSync } from 'node:child_process'
import { chownSync, readdirSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { isPresent } from '../../../src/fs/presence.js'
import { processTag } from '../../../src/fs/process-tag.js'
import { temporaryName } from '../../../src/fs/temporary-name.js'
import { Git } from '../../../src/git/git.js'
import { clearTrustFiles } from '../../../src/git/trust-file.js'
import { localPath } from '../../../src/git/trusted-directories.js'
import { plainGit, rejection, repositoryWithOneCommit, temporaryDirectory } from './fake-git.js'

const isRoot = process.geteuid?.() === 0

function giveAway(directory: string): void {
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    chownSync(join(directory, name), 1234, 1234)
  }
  chownSync(directory, 1234, 1234)
}

function fetchesFromOthers(cwd: string, source: string): boolean {
  return spawnSync('git', ['fetch', '-q', source, 'main'], { cwd }).status === 0
}

describe.skipIf(!isRoot)('a repository of another user', () => {
  const git = new Git({ gitTimeoutMs: 5_000 })

  it.each(['plain path', 'file URL', 'with a blank and a quote'])('can be fetched from: %s', async (kind) => {
    const source = join(await temporaryDirectory(), kind === 'with a blank and a quote' ? 'a "b' : 'source')
    plainGit('/', 'clone', '-q', await repositoryWithOneCommit(), source)
    giveAway(source)
    const cwd = await repositoryWithOneCommit()
    const url = kind === 'file URL' ? `file://${source}` : source
    const network = { protocols: ['file' as const], url }
    await expect(git.run({ cwd, args: ['fetch', url, 'main'], network })).resolves.toMatchObject({ code: 0 })
    // The control: without the name of the source, a git refuses that does (2.55 fetches from anybody's).
    if (fetchesFromOthers(cwd, source)) return
    const other = { protocols: ['file' as const], url: cwd }
    expect(
      (await rejection(git.run({ cwd, args: ['fetch', url, 'main'], network: other }))).message,
    ).toContain('belongs to another user')
  })

  it('can be looked at when it is where git runs, and its neighbour cannot', async () => {
    const root = await temporaryDirectory()
    for (const name of ['mine', 'neighbour']) {
      await mkdir(join(root, name))
      plainGit(join(root, name), 'init', '-q')
      giveAway(join(root, name))
    }
    await expect(git.run({ cwd: join(root, 'mine'), args: ['status'] })).resolves.toMatchObject({ code: 0 })
    const outside = git.run({ cwd: join(root, 'mine'), args: ['-C', join(root, 'neighbour'), 'status'] })
    expect((await rejection(outside)).message).toContain('belongs to another user')
  })
})

it('leaves no file behind', async () => {
  const source = await repositoryWithOneCommit()
  const network = { protocols: ['file' as const], url: source }
  await new Git({ gitTimeoutMs: 5_000 }).run({ args: ['ls-remote', source], network })
  const left = (await readdir(tmpdir())).filter((name) =>
    name.startsWith(`.git-task-trust.tmp-${processTag()}-`),
  )
  expect(left).toEqual([])
})

it('of killed processes none is left behind either', async () => {
  const living = join(tmpdir(), temporaryName('git-task-trust'))
  const dead = join(
    tmpdir(),
    living.slice(tmpdir().length + 1).replace(/-[0-9a-f]{8}-(?=[0-9a-f]{8}$)/, '-00000000-'),
  )
  for (const folder of [living, dead]) await mkdir(folder)
  onTestFinished(() => rm(living, { recursive: true }))
  // That of another user, who may have made it as a trap, is let be.
  const somebodyElse = vi.spyOn(process, 'getuid').mockReturnValue(Number(process.getuid?.()) + 1)
  expect(await clearTrustFiles()).not.toContain(dead)
  somebodyElse.mockRestore()
  expect(await clearTrustFiles()).toContain(dead)
  expect([await isPresent(living), await isPresent(dead)]).toEqual([true, false])
})

it.each([
  ['/srv/r', '/srv/r'],
  ['file:///srv/r%20x', '/srv/r x'],
  ['./r', './r'],
  ['https://h/r', undefined],
  ['ssh://git@h/r', undefined],
  ['git@h:r', undefined],
])('the local path of %s is %s', (url, path) => {
  expect(localPath(url)).toBe(path)
})
