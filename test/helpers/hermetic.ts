import { devNull } from 'node:os'
import { afterAll } from 'vitest'
import { removeDirectoriesOfTheFile } from './temporary.js'

// No test may depend on the machine's own git configuration, identity, language or an outer repository.
for (const name of Object.keys(process.env)) {
  if (name.startsWith('GIT_') || name.startsWith('AGENTS_RUNNER_')) delete process.env[name]
}
process.env['GIT_CONFIG_GLOBAL'] = devNull
process.env['GIT_CONFIG_NOSYSTEM'] = '1'
process.env['LC_ALL'] = 'C'

// Here and not in that module: files that share a process load a module once, and its hooks with it.
afterAll(removeDirectoriesOfTheFile)
