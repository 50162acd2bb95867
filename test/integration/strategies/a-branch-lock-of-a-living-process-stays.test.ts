import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { isPresent, namesIn } from '../../../src/fs/presence.js'
import { removeAbandoned } from '../../../src/git/abandoned-files.js'
import { Git } from '../../../src/git/git.js'
import { createBranchFile } from '../../../src/strategies/branch-file.js'
import { withBranchLock } from '../../../src/strategies/branch-lock.js'
import { bundleProgram } from '../../helpers/bundle-program.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { managedRepository, type Repository, untilAbandoned } from '../recovery/waiting-git.js'

let program: string
beforeAll(async () => {
  program = await bundleProgram(join(import.meta.dirname, 'branch-lock-child.ts'), await temporaryDirectory())
})

let repository: Repository
beforeEach(async () => {
  repository = await managedRepository()
})

const lockOf = (branch: string) => join(repository.gitDir, 'refs/heads', `${branch}.lock`)

describe.runIf(process.platform === 'linux')('the lock that a process takes without a git', () => {
  it('stays for as long as the process lives', async () => {
    const { gitDir } = repository
    const holder = await heldByAnother('task')
    expect(await removeAbandoned(gitDir)).toEqual([])
    await kill(holder)
    await untilAbandoned(lockOf('task'))
    expect(await removeAbandoned(gitDir)).toEqual([lockOf('task')])
  })

  it('stops a git, and none after its holder was killed', async () => {
    const { gitDir, root, commit } = repository
    const git = new Git({ gitTimeoutMs: 10_000, ownDirectory: root })
    const call = { gitDir, args: ['update-ref', 'refs/heads/task', commit] }
    const holder = await heldByAnother('task')
    await expect(git.run(call)).rejects.toMatchObject({ code: 'GIT_FAILED', retryable: true })
    expect(await isPresent(lockOf('task'))).toBe(true)
    await kill(holder)
    await untilAbandoned(lockOf('task'))
    await git.run(call)
  })
})

it('is taken by one at a time, and leaves nothing', async () => {
  const { gitDir, commit } = repository
  const before = await namesIn(gitDir)
  const inside = await withBranchLock({ gitDir, branch: 'task' }, '', () =>
    createBranchFile({ gitDir, branch: 'task', commit, reason: 'prepared', now: new Date(0) }),
  )
  expect(inside).toBe('unsure')
  expect(await isPresent(lockOf('task'))).toBe(false)
  expect(await namesIn(gitDir)).toEqual(before)
})

async function heldByAnother(branch: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, repository.gitDir, branch], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => kill(child))
  const [said] = await once(child.stdout, 'data')
  expect(String(said)).toBe('held\n')
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}
