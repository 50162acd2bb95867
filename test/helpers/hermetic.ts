import { devNull } from 'node:os'

// No test may depend on the machine's own git configuration, identity, language or an outer repository.
for (const name of Object.keys(process.env)) {
  if (name.startsWith('GIT_') || name.startsWith('AGENTS_RUNNER_')) delete process.env[name]
}
process.env['GIT_CONFIG_GLOBAL'] = devNull
process.env['GIT_CONFIG_NOSYSTEM'] = '1'
process.env['LC_ALL'] = 'C'
