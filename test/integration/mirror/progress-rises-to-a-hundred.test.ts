import type { PrepareRequest, Progress } from 'git-task-isolation'
import { beforeEach, describe, expect, test } from 'vitest'
import { CHECKOUTS, makeStage, type Stage } from '../verbs/stage.js'

/** Enough for git to count in percent. */
const FILES = Object.fromEntries(
  Array.from({ length: 400 }, (_, index) => [`folder-${index % 20}/file-${index}.txt`, `${index}\n`]),
)

let stage: Stage
beforeEach(async () => {
  stage = await makeStage({}, { files: FILES })
})

async function progressOf(request: Partial<PrepareRequest>): Promise<Progress[]> {
  const seen: Progress[] = []
  await stage.prepare({ ...request, onProgress: (progress) => seen.push(progress) })
  return seen
}

function percents(seen: readonly Progress[], phase: Progress['phase']): number[] {
  return seen.flatMap((progress) =>
    progress.phase === phase && progress.percent !== undefined ? [progress.percent] : [],
  )
}

/** More than a beginning and an end, each more than the one before, the last 100. */
function expectRising(seen: readonly number[]): void {
  expect(seen.length).toBeGreaterThan(5)
  expect(seen).toEqual([...new Set(seen)].sort((one, other) => one - other))
  expect(seen[0]).toBeLessThan(100)
  expect(seen.at(-1)).toBe(100)
}

describe.each(CHECKOUTS)('percents of a prepare: %s', (strategy) => {
  test('cold: the clone of the mirror, then the checkout', async () => {
    const seen = await progressOf({ strategy })
    expectRising(percents(seen, 'fetch'))
    expectRising(percents(seen, 'checkout'))
    const phases = seen.map(({ phase }) => phase)
    expect([...new Set(phases)]).toEqual(['lock', 'fetch', 'checkout', 'context'])
    expect(phases).toEqual([...phases].sort((one, other) => phases.indexOf(one) - phases.indexOf(other)))
  })

  test('warm: a fetch of something new', async () => {
    await stage.prepare({ taskId: 'first', strategy })
    await stage.upstream.commit(
      'main',
      Object.fromEntries(Object.keys(FILES).map((name) => [name, `${name}!`])),
    )
    const seen = await progressOf({ strategy })
    expectRising(percents(seen, 'fetch'))
    expectRising(percents(seen, 'checkout'))
  })

  test('warm, with nothing to fetch: the phase ends all the same', async () => {
    await stage.prepare({ taskId: 'first', strategy })
    const seen = await progressOf({ strategy, freshness: { mode: 'offline' } })
    expect(percents(seen, 'fetch')).toEqual([100])
    expectRising(percents(seen, 'checkout'))
  })

  test('of a partial mirror: the history is one half, the files are the other', async () => {
    await stage.upstream.git('config', 'uploadpack.allowFilter', 'true')
    const seen = percents(await progressOf({ strategy, filter: 'blob:none' }), 'fetch')
    expectRising(seen)
    expect(seen.some((percent) => percent < 50)).toBe(true)
    expect(seen.some((percent) => percent > 55 && percent < 100)).toBe(true)
  })
})
