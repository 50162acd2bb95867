import type { Cell, Results } from '../../../bench/results.js'

/** Results in which nothing was measured but what the test is about. */
export function measured(parts: Partial<Results> = {}): Results {
  return {
    command: 'npm run bench',
    machine: {
      processor: 'Abacus',
      cores: 2,
      memoryBytes: 1024 ** 3,
      system: 'Linux 1',
      fileSystem: 'ext4',
      git: '2.39.5',
      node: '20.0.0',
    },
    repositories: [],
    cells: [],
    loads: [],
    footprints: [],
    probes: [],
    ...parts,
  }
}

/** A cell of one task in which each contender has these times, in milliseconds. */
export function cell(files: number, times: Readonly<Record<string, number[]>>): Cell {
  const contenders = Object.entries(times).map(([contender, milliseconds]) => ({
    contender,
    milliseconds,
    failed: 0,
    left: {},
  }))
  return { files, tasks: 1, contenders }
}
