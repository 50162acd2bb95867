import { describe, expect, test } from 'vitest'
import {
  allTraces,
  createScene,
  expectUsable,
  failure,
  firstTraces,
  type Scene,
  SETUPS,
} from './failing-prepare.js'
import { type Fault, FaultyGit } from './faulty-git.js'

/** Which faults the git of each kind of workspace meets: each fault meets several, and each kind several faults. */
type Faults = Readonly<Record<string, readonly Fault[]>>

const FIRST: Faults = {
  'a clone of a URL': ['not run'],
  'a worktree of a URL': ['aborted'],
  'a worktree of a local path': ['not run', 'aborted'],
}
const LATER: Faults = {
  'a clone of a URL': ['answer lost', 'aborted'],
  'a worktree of a URL': ['not run', 'answer lost'],
  'a worktree of a local path': ['not run', 'aborted'],
}
const withFaults = (faults: Faults) =>
  SETUPS.flatMap(([name, setup]) => (faults[name] ?? []).map((fault) => [name, fault, setup] as const))

// Far more than a prepare needs, so that a loop that never ends is a failure.
const MAX_CALLS = 40

type Ending = 'failed' | 'went through in spite of it' | 'had no such call'

/** Lets the n-th git call of a prepare go wrong, and says how it ended. */
async function withFault(scene: Scene, task: string, git: FaultyGit): Promise<Ending> {
  const prepared = scene.run(task, { git }, git.signal)
  const [result] = await Promise.allSettled([prepared])
  if (result.status === 'rejected') {
    expect(git.failed, String(result.reason)).toBeDefined()
    await failure(prepared)
    return 'failed'
  }
  await expectUsable(result.value)
  return git.failed === undefined ? 'had no such call' : 'went through in spite of it'
}

describe.concurrent.each(withFaults(FIRST))('%s, a git call: %s', (_name, fault, setup) => {
  test('each of the first prepare in turn', async () => {
    const endings: Ending[] = []
    for (let call = 1; endings.at(-1) !== 'had no such call' && call < MAX_CALLS; call += 1) {
      const scene = await createScene(setup)
      const before = await firstTraces(scene.directory)
      const git = new FaultyGit(fault, call)
      endings.push(await withFault(scene, 'task', git))
      if (endings.at(-1) !== 'failed') continue
      expect(await firstTraces(scene.directory), git.failed).toEqual(before)
    }
    expect(endings.at(-1)).toBe('had no such call')
    expect(endings.filter((ending) => ending === 'failed').length).toBeGreaterThan(3)
  })
})

describe.concurrent.each(withFaults(LATER))('%s, a git call: %s', (_name, fault, setup) => {
  test('each of a later prepare in turn', async () => {
    const scene = await createScene(setup)
    await scene.runNeighbour()
    const endings: Ending[] = []
    for (let call = 1; endings.at(-1) !== 'had no such call' && call < MAX_CALLS; call += 1) {
      const before = await allTraces(scene.directory)
      const git = new FaultyGit(fault, call)
      endings.push(await withFault(scene, `task-${call}`, git))
      if (endings.at(-1) === 'failed') expect(await allTraces(scene.directory), git.failed).toEqual(before)
    }
    expect(endings.at(-1)).toBe('had no such call')
    expect(endings.filter((ending) => ending === 'failed').length).toBeGreaterThan(1)
    await expectUsable(await scene.run('task-1'))
  })
})
