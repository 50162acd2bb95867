// Coming from a manager of per-agent clones: each agent has one clone that lives on from task to task. The verbs are
// in ../persistent-agent-clones; here are the ways in which such a clone is used, and what was to come one day.
//
//   npx tsx examples/coming-from/b-agent-clone-manager.ts

import { rm } from 'node:fs/promises'
import { WorkspaceManager } from 'git-task-isolation'
import { AgentClones } from '../persistent-agent-clones/agent-clones.js'
import { runAgent } from '../support/agent.js'
import { check, example, say } from '../support/example.js'
import { gitIn } from '../support/run-git.js'
import { together } from '../support/together.js'

const AGENTS = ['alice', 'bob', 'carol']
const DAY_MS = 86_400_000

await example('B: a persistent clone per agent', async ({ root, upstream }) => {
  const manager = new WorkspaceManager({ root })
  const clones = new AgentClones(manager, 'shop', upstream.url)

  // Created on demand, by as many agents at once as there are.
  const first = await together(AGENTS, (agent) => clones.getOrCreate(agent))
  check(
    first.every(({ reused }) => !reused),
    'three clones are made at once',
  )
  say(`alice      ${first[0]?.workDir}`)

  // The next call finds it again, or makes it anew when its folder has vanished.
  await rm(first[0]?.workDir ?? '', { recursive: true })
  const second = await together(AGENTS, (agent) => clones.getOrCreate(agent))
  check(second.map(({ reused }) => reused).join() === 'false,true,true', 'a vanished clone is made anew')

  // A new branch starts from what the remote has now.
  await upstream.commit('docs/news.md', '# News\n')
  const task = await manager.prepare({ envId: 'shop', taskId: 'dave', source: upstream.url })
  const newest = await gitIn(task, 'ls-remote', 'origin', 'refs/heads/main')
  check(newest.startsWith(task.base?.commit ?? 'no base'), 'a branch is made from the latest changes')
  const refreshed = await clones.refresh('bob')
  check(refreshed.after === task.base?.commit, 'refresh brings an older clone there as well')

  // Agents push to the real remote at the same time, and nobody waits for a lock.
  await together(second, runAgent)
  const arrived = await upstream.branches()
  check(
    AGENTS.every((agent) => arrived.includes(`agents/${agent}`)),
    'all branches have arrived at the remote',
  )

  // One thing at a time for the whole repository, in all processes.
  const names = await clones.withLock(async () => (await clones.list()).map(({ taskId }) => taskId).sort())
  check(names.join() === 'alice,bob,carol,dave', 'the list is taken under the lock')

  // What was announced: a shallow clone, and clones that go when nobody has used them for some days.
  const shallow = await manager.prepare({ envId: 'shop', taskId: 'erin', source: upstream.url, depth: 1 })
  check((await gitIn(shallow, 'rev-list', '--count', 'HEAD')) === '1', 'a clone can be shallow')

  check((await clones.remove('alice')) && !(await clones.remove('alice')), 'removing is idempotent')
  await together(['bob', 'carol'], (taskId) => manager.finish({ envId: 'shop', taskId }, 'succeeded'))
  const swept = await manager.sweep({ envId: 'shop', maxAgeDays: 5, now: new Date(Date.now() + 6 * DAY_MS) })
  check(swept.removed === 2, 'what was finished goes after five days')
  check((await clones.removeAll()) === 2, 'remove all takes the rest')
  await manager.close()
})
