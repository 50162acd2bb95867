import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { expect, it, onTestFinished } from 'vitest'
import { currentProcess } from '../../../src/fs/process-identity.js'
import { callerGit } from '../../../src/git/caller-git.js'
import { Git } from '../../../src/git/git.js'
import { startedByUs, starterIn } from '../../../src/git/started-by.js'
import { fakeGit, repositoryWithOneCommit, temporaryDirectory } from './fake-git.js'

const MARK = 'GIT_TASK_STARTED_BY'
const foreign = { [MARK]: '["elsewhere","//",1,"1"]' }

it('names the process that started it, not the one that started that', async () => {
  const environment = { ...(await fakeGit('env -0')), ...foreign }
  const { stdout } = await new Git({ gitTimeoutMs: 5_000, environment }).run({ args: ['status'] })
  expect(starterIn(stdout)).toEqual(currentProcess())
})

it('also the git that reads the settings of the user, and the helpers of each', async () => {
  const seen = join(await temporaryDirectory(), 'seen')
  const environment = { ...(await fakeGit(`sh -c 'env -0 >> "${seen}"'`)), ...foreign }
  const network = { protocols: ['https' as const], url: 'https://example.org/r.git' }
  const git = new Git({ gitTimeoutMs: 5_000, environment })
  await git.run({ args: ['ls-remote', network.url], network })
  const marks = (await readFile(seen, 'utf8')).split('\0').filter((entry) => entry.startsWith(`${MARK}=`))
  expect(marks.map(starterIn)).toEqual([currentProcess(), currentProcess()])
})

it('but not the git that callers run for themselves', async () => {
  const repository = await repositoryWithOneCommit()
  const shown = await callerGit(repository, {}).raw('-c', `alias.show-env=!env`, 'show-env')
  expect(shown).toContain('LC_ALL=C')
  expect(shown).not.toContain(MARK)
})

it('and not the processes of a task', async () => {
  const manager = new WorkspaceManager({ root: join(await temporaryDirectory(), 'root') })
  onTestFinished(() => manager.close())
  const { env } = await manager.prepare({ envId: 'shop', taskId: 'task' })
  expect(Object.keys(env)).toContain('TASK_ID')
  expect(Object.keys(env)).not.toContain(MARK)
})

it.each([
  ['nothing', 'PATH=/bin\0'],
  ['another variable', `X_${MARK}=["h","b",1,"1"]\0`],
  ['text that is no list', `${MARK}=gone\0`],
  ['too few words', `${MARK}=["h","b",1]\0`],
  ['a pid that is none', `${MARK}=["h","b","1","1"]\0`],
  ['an object', `${MARK}={"host":"h"}\0`],
])('%s names nobody', (_, environment) => {
  expect(starterIn(`HOME=/h\0${environment}`)).toBeUndefined()
})

it('says it in less than 200 bytes', () => {
  expect(startedByUs()[MARK]?.length).toBeLessThan(200)
})
