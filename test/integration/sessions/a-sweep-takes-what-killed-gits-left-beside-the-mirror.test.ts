import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { isPresent, namesIn } from '../../../src/fs/presence.js'
import { processTag } from '../../../src/fs/process-tag.js'
import { makerOfTemporary, temporaryName } from '../../../src/fs/temporary-name.js'
import { withTrustedView } from '../../../src/git/trusted-view.js'
import { ownersDir } from '../../../src/model/layout.js'
import { newManager, type Stage } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

let stage: Stage
beforeEach(async () => {
  stage = await makeWarmStage()
  await stage.prepare({ strategy: 'worktree' })
})

/** The tag of a process that has ended. */
async function deadTag(): Promise<string> {
  const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' })
  await once(child, 'close')
  return processTag().replace(/-\d+-/, `-${child.pid}-`)
}

async function leave(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, '')
  return path
}

test('the locks of temporary indexes are told by their makers', async () => {
  const { indexesDir } = stage.layout
  const dead = await leave(join(indexesDir, `.t.index.tmp-${await deadTag()}-0123abcd.lock`))
  const living = await leave(join(indexesDir, `${temporaryName('t.index')}.lock`))
  await stage.manager.sweep()
  expect([await isPresent(dead), await isPresent(living)]).toEqual([false, true])
})

test.runIf(process.platform === 'linux').each([
  ['indexes', 'task-1.index.lock'],
  ['scratch', 'index.lock'],
  ['mirror.git', 'logs/refs/heads/agent/t.lock'],
  ['mirror.git', 'objects/info/commit-graphs/commit-graph-chain.lock'],
  ['mirror.git', 'objects/info/commit-graphs/tmp_graph_0aB1cD'],
  ['mirror.git', 'objects/info/commit-graph.lock'],
  ['mirror.git', 'objects/pack/.tmp-4711-pack-0123.pack'],
])('%s/%s', async (folder, name) => {
  const path = await leave(join(stage.layout.managerDir, folder, name))
  expect((await stage.manager.sweep({ dryRun: true })).decisions).toContainEqual(
    expect.objectContaining({ kind: 'temporary', path, action: 'remove' }),
  )
  expect(await stage.manager.sweep()).toMatchObject({ removed: 1, failed: 0 })
  expect(await isPresent(path)).toBe(false)
})

test("the index lock of an agent's own worktree is the agent's business", async () => {
  const [name = ''] = await namesIn(join(stage.layout.mirrorDir, 'worktrees'))
  const lock = await leave(join(stage.layout.mirrorDir, 'worktrees', name, 'index.lock'))
  await stage.manager.sweep()
  expect(await isPresent(lock)).toBe(true)
  await rm(lock)
})

test("a view's folder tells its maker, and that of a dead one goes", async () => {
  const { scratchDir } = stage.layout
  const commit = '0'.repeat(40)
  const options = {
    scratchDir,
    workTree: scratchDir,
    objectFormat: 'sha1',
    head: commit,
    alternates: [],
  } as const
  const makers = await withTrustedView(options, async ({ gitDir }) => {
    await mkdir(join(gitDir, 'objects/12'))
    return (await namesIn(scratchDir)).map(makerOfTemporary)
  })
  expect(makers).toEqual(['alive'])
  expect(await namesIn(scratchDir)).toEqual([])
  const dead = join(scratchDir, `.view.tmp-${await deadTag()}-0123abcd`)
  await mkdir(join(dead, 'objects'), { recursive: true })
  await stage.manager.sweep()
  expect(await isPresent(dead)).toBe(false)
})

test('after the last dead lease the empty folders of leases go too', async () => {
  const owners = ownersDir(stage.root)
  await stage.manager.close()
  await leave(join(owners, `.x.json.tmp-${await deadTag()}-0123abcd`))
  const manager = newManager({ root: stage.root })
  await manager.sweep()
  expect(await isPresent(dirname(owners))).toBe(false)
})
