import { spawnSync } from 'node:child_process'
import { getEventListeners } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { runProcess } from '../../../src/git/process-runner.js'
import { contentOf, fakeGit, isRunning, temporaryDirectory } from './fake-git.js'

const runner = pathToFileURL(join(import.meta.dirname, '../../../src/git/process-runner.ts')).href

const endings = [
  { name: 'that exits', end: 'process.exit(0)', status: 0, signal: null },
  { name: 'that Ctrl-C ends', end: "process.kill(process.pid, 'SIGINT')", status: null, signal: 'SIGINT' },
  {
    name: 'that is terminated',
    end: "process.kill(process.pid, 'SIGTERM')",
    status: null,
    signal: 'SIGTERM',
  },
]

it.each(endings)('a process $name takes its git with it', async (ending) => {
  const cwd = await temporaryDirectory()
  const env = await fakeGit('sleep 60 & echo $! > child; wait')
  const script = `
    import { existsSync } from 'node:fs'
    import { runProcess } from '${runner}'
    void runProcess({ file: 'git', args: [], env: process.env }).catch(() => undefined)
    setInterval(() => existsSync('child') && ${ending.end}, 10)`
  await writeFile(join(cwd, 'orchestrator.mts'), script)
  const tsx = import.meta.resolve('tsx')
  const { status, signal, stderr } = spawnSync(process.execPath, ['--import', tsx, 'orchestrator.mts'], {
    cwd,
    env,
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect({ status, signal }).toEqual({ status: ending.status, signal: ending.signal })
  const child = Number(await contentOf(join(cwd, 'child')))
  for (let round = 0; round < 50 && isRunning(child); round++) await delay(10)
  expect(isRunning(child)).toBe(false)
})

it('leaves no listener behind, and many may share one signal', async () => {
  const env = await fakeGit('cat')
  const { signal } = new AbortController()
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  const before = process.listenerCount('SIGINT')
  const runs = Array.from({ length: 20 }, (_, n) =>
    runProcess({ file: 'git', args: [], env, input: `${n}`, signal }),
  )
  await delay(1)
  expect(process.listenerCount('SIGINT')).toBe(before + 1)
  expect((await Promise.all(runs)).map(({ stdout }) => stdout)).toEqual(
    Array.from({ length: 20 }, (_, n) => `${n}`),
  )
  expect(process.listenerCount('SIGINT')).toBe(before)
  expect(getEventListeners(signal, 'abort')).toEqual([])
  await delay(1)
  process.off('warning', onWarning)
  expect(warnings).toEqual([])
})
