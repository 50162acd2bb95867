import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { git } from '../helpers/run-git.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream, type Upstream } from '../helpers/upstream.js'
import { Sentinels } from './sentinels.js'
import { findSshd, type SshServer, startSshServer } from './ssh-server.js'

const KEY = { envId: 'shop', taskId: 'task-1' } as const
const sshd = findSshd()

afterEach(() => {
  vi.unstubAllEnvs()
})

describe.skipIf(sshd === undefined)(
  'an ssh server (skipped where there is no sshd: install openssh-server)',
  () => {
    let server: SshServer
    let upstream: Upstream

    beforeAll(async () => {
      const directory = await temporaryDirectory()
      upstream = await createUpstream(join(directory, 'upstream.git'))
      server = await startSshServer(directory, sshd ?? '')
    })

    afterAll(() => server?.close())

    async function managerWith(clientConfig: string) {
      vi.stubEnv('GIT_SSH_COMMAND', `ssh -F ${clientConfig}`)
      const directory = await temporaryDirectory()
      const manager = new WorkspaceManager({ root: join(directory, 'root'), gitTimeoutMs: 20_000 })
      onTestFinished(() => manager.close())
      const prepare = (strategy: string) =>
        manager.prepare({ ...KEY, strategy, source: `${server.url}${upstream.path}` })
      return { directory, manager, prepare }
    }

    test("serves a clone with the caller's own key", async () => {
      const { manager, prepare } = await managerWith(server.clientConfig)
      const workspace = await prepare('clone')
      const tip = await upstream.commit('main', { 'clone.txt': 'later\n' })
      expect(await manager.refresh(KEY)).toMatchObject({ after: tip, stale: false })
      expect(await git(workspace.workDir, 'remote', 'get-url', 'origin')).toBe(
        `${server.url}${upstream.path}`,
      )
    })

    test.each(['key', 'locked key', 'host key'] as const)('a wrong %s is an error at once', async (wrong) => {
      const other = await startSshServer(await temporaryDirectory(), sshd ?? '')
      onTestFinished(() => other.close())
      const { manager } = await managerWith(await other.otherClient(wrong))
      const startedAt = performance.now()
      const call = manager.prepare({ ...KEY, source: `${other.url}${upstream.path}` })
      expect(await call.catch((error: unknown) => error)).toMatchObject({ code: 'GIT_AUTH' })
      expect(performance.now() - startedAt).toBeLessThan(20_000)
    })

    test('serves a worktree, and an ssh command that an agent has set in the mirror is not run', async () => {
      const { directory, manager, prepare } = await managerWith(server.clientConfig)
      const workspace = await prepare('worktree')
      expect(await git(workspace.workDir, 'remote', 'get-url', 'origin')).toBe(
        `${server.url}${upstream.path}`,
      )
      const sentinels = await Sentinels.create(join(directory, 'sentinels'))
      await git(workspace.workDir, 'config', 'core.sshCommand', await sentinels.program('ssh'))
      await upstream.commit('main', { 'armed.txt': 'later\n' })
      expect(await manager.refresh(KEY)).toMatchObject({ action: 'updated', stale: false })
      expect(await sentinels.seen()).toEqual([])
      // The control, armed again for whoever has put the mirror right.
      await git(workspace.workDir, 'config', 'core.sshCommand', await sentinels.program('ssh'))
      await git(workspace.workDir, 'ls-remote', 'origin').catch(String)
      expect(await sentinels.seen()).toEqual(['ssh'])
    })
  },
)
