import { availableParallelism, cpus, release, tmpdir, totalmem, type } from 'node:os'
import { fileSystemOf } from './file-system.js'
import { plainGit } from './plain-programs.js'
import type { Machine } from './results.js'

export async function thisMachine(): Promise<Machine> {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    fileSystem: await fileSystemOf(tmpdir()),
    git: (await plainGit('--version')).replace('git version ', ''),
    node: process.versions.node,
  }
}
