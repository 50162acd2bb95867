// Measures one prepare against what people do by hand, side by side in interleaved rounds, and prints ratios.
//
//   npm run bench
//   npm run bench -- --files 200 --rounds 5

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { WorkspaceManager } from 'git-task-isolation'
import { makeRepository, plainGit } from './repository.js'

interface Contender {
  readonly name: string
  run(round: number): Promise<void> | void
}

const { values } = parseArgs({
  options: { files: { type: 'string', default: '5000' }, rounds: { type: 'string', default: '7' } },
})
await measure(Number(values.files), Number(values.rounds))

async function measure(fileCount: number, rounds: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'git-task-bench-'))
  const upstream = makeRepository(directory, fileCount)
  const manager = new WorkspaceManager({
    root: join(directory, 'root'),
    freshness: { mode: 'prefer', maxAgeMs: 3_600_000 },
  })
  try {
    const contenders = byHand(directory, upstream).concat(ours(manager, upstream))
    // The first round makes the mirror and warms every cache; it is not counted.
    for (const { run } of contenders) await run(0)
    print(fileCount, await times(contenders, rounds))
  } finally {
    await manager.close()
    await rm(directory, { recursive: true, force: true })
  }
}

function byHand(directory: string, upstream: string): Contender[] {
  const url = pathToFileURL(upstream).href
  const mirror = join(directory, 'mirror.git')
  plainGit('clone', '--bare', url, mirror)
  const target = (name: string, round: number): string => join(directory, `${name}-${round}`)
  return [
    { name: 'git clone <url>', run: (round) => plainGit('clone', url, target('clone', round)) },
    {
      name: 'git clone --shared <mirror>',
      run: (round) => plainGit('clone', '--shared', mirror, target('shared', round)),
    },
    {
      name: 'git worktree add',
      run: (round) =>
        plainGit(
          '--git-dir',
          mirror,
          'worktree',
          'add',
          '-b',
          `w${round}`,
          target('worktree', round),
          'main',
        ),
    },
  ]
}

function ours(manager: WorkspaceManager, upstream: string): Contender[] {
  const source = pathToFileURL(upstream).href
  return ['clone', 'worktree'].map((strategy) => ({
    name: `prepare, strategy ${strategy}`,
    run: async (round) => {
      await manager.prepare({ envId: 'bench', taskId: `${strategy}-${round}`, source, strategy })
    },
  }))
}

async function times(contenders: readonly Contender[], rounds: number): Promise<Map<string, number[]>> {
  const measured = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 1; round <= rounds; round += 1) {
    for (const { name, run } of contenders) {
      const startedAt = performance.now()
      await run(round)
      measured.get(name)?.push(performance.now() - startedAt)
    }
  }
  return measured
}

function print(fileCount: number, measured: ReadonlyMap<string, number[]>): void {
  const reference = median(measured.get('git worktree add') ?? [])
  console.log(
    `| ${fileCount} files, one task, warm mirror | median ms | min–max ms | × \`git worktree add\` |\n|---|---|---|---|`,
  )
  for (const [name, all] of measured) {
    const spread = `${Math.min(...all).toFixed(0)}–${Math.max(...all).toFixed(0)}`
    console.log(
      `| ${name} | ${median(all).toFixed(0)} | ${spread} | ${(median(all) / reference).toFixed(2)} |`,
    )
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
