import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { devNull } from 'node:os'
import { promisify } from 'node:util'
import type { CreateRequest, Strategy, Tree } from 'git-task-isolation'

const run = promisify(execFile)

/**
 * A clone that shares nothing with the mirror: every object is copied, so the folder can be moved to another
 * disk or into a container image and still works. Slower and larger than the built-in `clone`.
 */
export const snapshotStrategy: Strategy = {
  name: 'snapshot',
  traits: { ownsDirectory: true, usesRepository: true, sharesRefs: false },

  async create(request) {
    try {
      return await copyRepository(request)
    } catch (error) {
      // The contract: a create that rejects leaves nothing behind.
      await removeDirectory(request.workDir)
      throw error
    }
  },

  remove: (tree) => removeDirectory(tree.workDir),
}

async function copyRepository(request: CreateRequest): Promise<Tree> {
  const { workDir, repository, base, branch, originUrl, signal } = request
  if (repository === undefined || base === undefined) throw new Error('the snapshot strategy needs a source')
  const git = (...args: string[]) => run('git', args, { env: environment(), ...(signal ? { signal } : {}) })
  const inside = (...args: string[]) => git('-C', workDir, '-c', 'core.hooksPath=/dev/null', ...args)

  // No template: hooks of the machine's own template folder have no place in a task.
  await git('init', '--quiet', '--template=', `--object-format=${repository.objectFormat}`, workDir)
  if (originUrl !== undefined) await inside('remote', 'add', 'origin', originUrl)
  // --update-shallow: a source with a cut-off history gives a copy with the same cut.
  const fetch = ['fetch', '--quiet', '--no-write-fetch-head', '--update-shallow', '--no-auto-maintenance']
  await inside(...fetch, repository.gitDir, ...refspecs(repository, base))
  await inside('checkout', '--quiet', ...(branch ? ['--no-track', '-b', branch] : ['--detach']), base.commit)
  return { workDir, baseCommit: base.commit, ...(branch === undefined ? {} : { branch }) }
}

// A mirror keeps the upstream's branches under refs/remotes/origin; in the caller's own repository they are
// under refs/heads. The base commit is asked for by its id, for it may be on no branch any more.
function refspecs(
  { owner }: NonNullable<CreateRequest['repository']>,
  { commit }: NonNullable<CreateRequest['base']>,
): string[] {
  const branches = owner === 'manager' ? 'refs/remotes/origin' : 'refs/heads'
  return [`+${branches}/*:refs/remotes/origin/*`, `^${branches}/HEAD`, '+refs/tags/*:refs/tags/*', commit]
}

function removeDirectory(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true, maxRetries: 5 })
}

// Nothing inherited: the orchestrator may itself run inside a git hook, where GIT_DIR names another repository.
function environment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))
  const ours = { GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' }
  return { ...Object.fromEntries(inherited), ...ours }
}
