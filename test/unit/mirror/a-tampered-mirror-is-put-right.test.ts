import { execFile } from 'node:child_process'
import { appendFile, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { tamperedWith } from '../../../src/mirror/tampering.js'
import { git as plainGit, tryGit } from '../../helpers/run-git.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { mirrorWithOneTask, ORIGIN, REGISTRATION } from './mirror-with-one-task.js'

type Place = Awaited<ReturnType<typeof mirrorWithOneTask>>

const sets = (key: string, value: string) => (place: Place) =>
  plainGit(place.mirrorDir, 'config', '--add', key, value)
async function makeRoom({ mirrorDir }: Place, name: string): Promise<void> {
  await mkdir(join(mirrorDir, name, '..'), { recursive: true })
  await rm(join(mirrorDir, name), { recursive: true, force: true })
}
const puts = (name: string) => async (place: Place) => {
  await makeRoom(place, name)
  await writeFile(join(place.mirrorDir, name), '* filter=evil\n')
}

describe.each(['sha1', 'sha256'] as const)('a mirror of %s objects', (objectFormat) => {
  test('is left alone, without a process, where it is as it was written', async () => {
    const place = await mirrorWithOneTask(objectFormat)
    const before = await snapshotTree(place.directory, { mtime: true })
    expect(await place.look()).toEqual([])
    expect(await place.lookAtTask()).toEqual([])
    expect(await snapshotTree(place.directory, { mtime: true })).toEqual(before)
    expect(place.git.processCount).toBe(0)
  })

  test('keeps what git of agents writes: upstreams, and names of authors', async () => {
    const place = await mirrorWithOneTask(objectFormat)
    await sets('branch.agent/"odd\\name.merge', 'refs/heads/x')(place)
    await sets('user.name', 'An "agent"\twith\nlines')(place)
    const before = await snapshotTree(place.directory)
    expect(await place.look()).toEqual([])
    expect(await snapshotTree(place.directory)).toEqual(before)
    // Also where something else has to go.
    await sets('core.fsmonitor', 'evil')(place)
    expect(await place.look()).toHaveLength(1)
    const config = join(place.mirrorDir, 'config')
    expect(await plainGit('/', 'config', '--file', config, 'branch.agent/"odd\\name.merge')).toBe(
      'refs/heads/x',
    )
    expect(await plainGit('/', 'config', '--file', config, 'user.name')).toBe('An "agent"\twith\nlines')
    expect((await tryGit(place.mirrorDir, 'rev-parse', '--show-object-format')).stdout.trim()).toBe(
      objectFormat,
    )
    expect(await place.look()).toEqual([])
  })
})

const pipes = (name: string) => async (place: Place) => {
  await mkdir(join(place.mirrorDir, name, '..'), { recursive: true })
  await promisify(execFile)('mkfifo', [join(place.mirrorDir, name)])
}
const links = (name: string) => async (place: Place) => {
  const elsewhere = join(place.directory, 'elsewhere')
  await mkdir(elsewhere)
  await makeRoom(place, name)
  await symlink(elsewhere, join(place.mirrorDir, name))
}

const linksPacked = (name: string) => async (place: Place) => {
  await rm(join(place.mirrorDir, 'packed-refs'), { force: true })
  await symlink(join(place.directory, name), join(place.mirrorDir, 'packed-refs'))
}

const CHANGES: Record<string, { does: (place: Place) => Promise<unknown>; named: string }> = {
  'a hook': { does: puts('hooks/post-checkout'), named: 'hooks' },
  'another hooks path': { does: sets('core.hooksPath', '/evil'), named: 'core.hookspath' },
  'no hooks path': {
    does: (place) => plainGit(place.mirrorDir, 'config', '--unset', 'core.hooksPath'),
    named: 'core.hookspath',
  },
  'a filter': { does: sets('filter.evil.smudge', 'evil'), named: 'filter.evil.smudge' },
  'a remote that is named as the source': {
    does: sets(`remote.${ORIGIN}.uploadpack`, 'evil'),
    named: `remote.${ORIGIN}.uploadpack`,
  },
  'another origin': { does: sets('remote.origin.url', 'ext::evil'), named: 'remote.origin.url' },
  'a rewritten address': { does: sets('url.ext::evil.insteadOf', ORIGIN), named: 'url.ext::evil.insteadof' },
  'a proxy': { does: sets('http.proxy', 'http://evil'), named: 'http.proxy' },
  'an include': { does: sets('include.path', '/evil'), named: 'include.path' },
  'a hook from the configuration': { does: sets('hook.evil.command', 'evil'), named: 'hook.evil.command' },
  'collected garbage': { does: sets('gc.pruneExpire', 'now'), named: 'gc.pruneexpire' },
  'a configuration that git cannot read': {
    does: (place) => appendFile(join(place.mirrorDir, 'config'), '[broken\n'),
    named: 'cannot be read',
  },
  'a configuration that is a link': {
    does: async (place) => {
      const config = join(place.mirrorDir, 'config')
      await rename(config, join(place.directory, 'elsewhere'))
      await symlink(join(place.directory, 'elsewhere'), config)
    },
    named: 'core.hookspath',
  },
  'a configuration that is a folder': {
    does: async (place) => {
      await rm(join(place.mirrorDir, 'config'))
      await mkdir(join(place.mirrorDir, 'config', 'x'), { recursive: true })
    },
    named: 'core.hookspath',
  },
  attributes: { does: puts('info/attributes'), named: 'info/attributes' },
  grafts: { does: puts('info/grafts'), named: 'info/grafts' },
  'objects from elsewhere': { does: puts('objects/info/alternates'), named: 'objects/info/alternates' },
  'a remote in the form of a file': { does: puts('remotes/git@host:shop.git'), named: 'remotes' },
  'a second configuration': {
    does: (place) => writeFile(join(place.mirrorDir, 'config.worktree'), '[core]\n\tfsmonitor = evil\n'),
    named: 'second configuration',
  },
  'another common folder': { does: puts('commondir'), named: 'commondir' },
  'a registration that every git would wait for': {
    does: pipes(`worktrees/${REGISTRATION}/HEAD`),
    named: 'registration',
  },
  'a folder of objects that is a link': { does: links('objects/ab'), named: 'objects/ab' },
  'an index of packs that every git would wait for': {
    does: pipes('objects/pack/multi-pack-index'),
    named: 'objects/pack/multi-pack-index',
  },
  'refs in tables': { does: puts('reftable'), named: 'reftable' },
  'a list of cuts that is a link': { does: links('shallow'), named: 'shallow' },
  'a folder of upstream branches that is a link': { does: links('refs/remotes/origin/topic'), named: 'ref' },
  'a folder of refs that is a link': { does: links('refs/git-task'), named: 'ref' },
  'a branch that every git would wait for': { does: pipes('refs/heads/x'), named: 'ref' },
  'a folder of tags that is a link': { does: links('refs/tags'), named: 'ref' },
  'a folder of tags that is a file': { does: puts('refs/tags'), named: 'refs/tags' },
  'the folder of upstream branches, which is a link': { does: links('refs/remotes/origin'), named: 'ref' },
  'packed refs that are a link to nothing': { does: linksPacked('nothing'), named: 'packed-refs' },
  'a folder of excludes that is a link': { does: links('info'), named: 'info' },
  'another HEAD': { does: puts('HEAD'), named: 'HEAD' },
}

test.each(Object.entries(CHANGES))('%s is named, and put right', async (_what, { does, named }) => {
  const place = await mirrorWithOneTask()
  await does(place)
  const found = await place.look()
  expect(found).toHaveLength(1)
  expect(found[0]?.problem).toContain(named)
  expect(await place.look()).toEqual([])
  expect((await tryGit(place.mirrorDir, 'for-each-ref')).code).toBe(0)
  expect(await plainGit(place.mirrorDir, 'config', '--get-all', 'core.hooksPath')).toBe('/dev/null')
  expect(await plainGit(place.mirrorDir, 'config', '--get-all', 'remote.origin.url')).toBe(ORIGIN)
})

test('a token in the name of a setting is not repeated', async () => {
  const place = await mirrorWithOneTask()
  await sets('url.https://robot:canary@example.org/.insteadOf', 'x:')(place)
  expect(JSON.stringify(await place.look())).not.toContain('canary')
})

test('of a local source any origin will do that is one', async () => {
  const place = await mirrorWithOneTask()
  const sets = (url: string) => plainGit(place.mirrorDir, 'config', 'remote.origin.url', url)
  await sets('https://example.org/other.git')
  expect(await place.look('any')).toEqual([])
  await sets('ext::evil')
  expect(await place.look('any')).toHaveLength(1)
})

test.each(['objects', 'refs', 'refs/heads'])('%s that is a link is refused, and left', async (name) => {
  const place = await mirrorWithOneTask()
  await rename(join(place.mirrorDir, name), join(place.directory, 'elsewhere'))
  await symlink(join(place.directory, 'elsewhere'), join(place.mirrorDir, name))
  const before = await snapshotTree(place.directory)
  await expect(place.look()).rejects.toMatchObject({
    code: 'TAMPERED',
    data: { path: join(place.mirrorDir, name) },
  })
  expect(await snapshotTree(place.directory)).toEqual(before)
})

const REGISTRATIONS: Record<
  string,
  { does: (place: Place) => Promise<unknown>; file: (place: Place) => string }
> = {
  'another repository': {
    does: ({ entry }) => writeFile(join(entry, 'commondir'), '/evil\n'),
    file: ({ entry }) => join(entry, 'commondir'),
  },
  'another checkout': {
    does: ({ entry }) => writeFile(join(entry, 'gitdir'), '/evil/.git\n'),
    file: ({ entry }) => join(entry, 'gitdir'),
  },
  'a configuration of its own': {
    does: ({ entry }) => writeFile(join(entry, 'config.worktree'), '[core]\n\tfsmonitor = evil\n'),
    file: ({ entry }) => join(entry, 'config.worktree'),
  },
  'a checkout that names another repository': {
    does: ({ workDir }) => writeFile(join(workDir, '.git'), 'gitdir: /evil\n'),
    file: ({ workDir }) => join(workDir, '.git'),
  },
  'a checkout with a repository of its own': {
    does: async ({ workDir }) => {
      await rm(join(workDir, '.git'))
      await plainGit(workDir, 'init', '-q')
    },
    file: ({ workDir }) => join(workDir, '.git'),
  },
}

test.each(Object.entries(REGISTRATIONS))('%s is named, and put right', async (_what, { does, file }) => {
  const place = await mirrorWithOneTask()
  const before = await snapshotTree(place.directory)
  await does(place)
  const found = await place.lookAtTask()
  expect(found.map(({ path }) => path)).toEqual([file(place)])
  expect(tamperedWith(found)).toMatchObject({ code: 'TAMPERED', data: { found } })
  expect(await place.lookAtTask()).toEqual([])
  expect(Object.keys(await snapshotTree(place.directory))).toEqual(Object.keys(before))
  expect(await readFile(join(place.entry, 'commondir'), 'utf8')).toBe('../..\n')
})

test('a sparse worktree says so in its own configuration', async () => {
  const place = await mirrorWithOneTask()
  await writeFile(join(place.entry, 'config.worktree'), '[core]\n\tsparseCheckout = true\n')
  expect(await place.lookAtTask()).toEqual([])
})

test("what an agent's own sparse checkout writes is left alone", async () => {
  const place = await mirrorWithOneTask()
  await plainGit(place.mirrorDir, 'config', '--unset', 'core.bare')
  await sets('extensions.worktreeConfig', 'true')(place)
  await writeFile(join(place.mirrorDir, 'config.worktree'), '[core]\n\tbare = true\n')
  expect(await place.look()).toEqual([])
})

test('a task without a registration is not looked for', async () => {
  const place = await mirrorWithOneTask()
  await rm(place.entry, { recursive: true })
  expect(await place.lookAtTask()).toEqual([])
})
