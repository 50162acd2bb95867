// A clone per agent that lives on from task to task: created on demand, reused, refreshed, listed, removed.
//
//   npx tsx examples/persistent-agent-clones/persistent-agent-clones.ts

import { access, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { check, example, say } from '../support/example.js'
import { AgentClones } from './agent-clones.js'

await example('A persistent clone per agent', async ({ root, upstream }) => {
  const manager = new WorkspaceManager({ root })
  const clones = new AgentClones(manager, 'shop', upstream.url)

  const first = await clones.getOrCreate('alice')
  await clones.getOrCreate('bob')
  say(`alice      ${first.workDir}`)
  check(!first.reused, 'the first call makes the clone')
  check((await clones.getOrCreate('alice')).reused, 'the next call finds it again')

  // Somebody deletes the folder by hand; the record of it remains.
  await rm(first.workDir, { recursive: true })
  const again = await clones.getOrCreate('alice')
  check(!again.reused, 'a clone whose folder vanished is made anew')
  await access(join(again.workDir, '.git'))

  await upstream.commit('docs/news.md', '# News\n')
  const refreshed = await clones.refresh('alice')
  check(
    refreshed.action === 'updated',
    `refresh moved alice from ${short(refreshed.before)} to ${short(refreshed.after)}`,
  )
  check((await readFile(join(again.workDir, 'docs/news.md'), 'utf8')) === '# News\n', 'the new file is there')
  check((await clones.refresh('alice')).action === 'up-to-date', 'a second refresh has nothing to do')

  const agents = (await clones.list()).map(({ taskId }) => taskId).sort()
  check(agents.join() === 'alice,bob', 'the list names alice and bob')

  check(await neverOverlaps(clones), 'withLock lets one in at a time')

  check(await clones.remove('alice'), 'alice is removed')
  check(!(await clones.remove('alice')), 'removing alice again does no harm')
  check((await clones.removeAll()) === 1, 'remove all takes bob')
  check((await clones.list()).length === 0, 'the list is empty')
  await manager.close()
})

async function neverOverlaps(clones: AgentClones): Promise<boolean> {
  let inside = 0
  const visit = () =>
    clones.withLock(async () => {
      inside += 1
      await new Promise((resolve) => setImmediate(resolve))
      const alone = inside === 1
      inside -= 1
      return alone
    })
  return (await Promise.all(Array.from({ length: 5 }, visit))).every(Boolean)
}

function short(commit: string): string {
  return commit.slice(0, 8)
}
