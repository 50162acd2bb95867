import { execFile } from 'node:child_process'
import { lstat, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { environmentLayout } from '../../src/model/layout.js'
import { git } from '../helpers/run-git.js'
import { repositoryRoot } from '../helpers/run-program.js'
import { allThatIsSaid, filesShowing, newCanary } from './canary.js'
import { watchCommandLines } from './command-lines.js'
import { CASES, KEY, stageWithServer, USERNAME, WAYS } from './token-stage.js'

const CREDENTIALS_FILE = 'managed-repos/shop/tasks/task-1/.git-credentials'

test.each(CASES)('a token that is given $way to a $strategy', async ({ strategy, way }) => {
  const canary = newCanary()
  const stage = await stageWithServer(canary)
  const { manager, upstream, root, temporary, heard } = stage
  const progress: unknown[] = []
  const request = {
    ...KEY,
    strategy,
    ...WAYS[way](stage.source, canary),
    onProgress: (step: object) => progress.push(step),
  }
  const watch = watchCommandLines()
  const workspace = await manager.prepare(request)
  await upstream.commit('main', { 'later.txt': 'later\n' })
  const reports: unknown[] = [
    await manager.refresh(KEY),
    await manager.list(),
    workspace.session,
    workspace.env,
  ]
  const lines = watch.end()

  expect(await filesShowing(canary, root)).toEqual([CREDENTIALS_FILE])
  expect((await lstat(join(root, CREDENTIALS_FILE))).mode & 0o777).toBe(0o600)
  expect((await lstat(workspace.rootDir)).mode & 0o777).toBe(0o700)
  expect(await filesShowing(canary, temporary)).toEqual([])
  if (process.platform === 'linux') {
    expect(lines.filter((line) => canary.isIn(line))).toEqual([])
    // The control: the children that had the token were seen.
    expect(lines.join('\n')).toContain(`git remote-http ${stage.source}`)
  }

  // The control: what an agent writes into a file of its own is archived, and would be found.
  const known = newCanary()
  await writeFile(join(workspace.workDir, 'work.txt'), known.token)
  reports.push(await manager.cleanup(KEY, { onUnsavedWork: 'archive' }), await manager.archives(KEY))
  const { archivesRepository } = environmentLayout(root, 'shop')
  const objects = await git(archivesRepository, 'cat-file', '--batch', '--batch-all-objects')
  expect([canary, known].map((one) => one.isIn(objects))).toEqual([false, true])
  // The trash is emptied in the background.
  await manager.close()
  expect(await filesShowing(canary, root)).toEqual([])
  const audit = await readFile(environmentLayout(root, 'shop').auditFile, 'utf8')
  expect(audit).toContain('cleanup.completed')
  for (const said of [...reports, heard, progress, audit])
    expect(canary.isIn(allThatIsSaid(said))).toBe(false)
})

test('a server that repeats the token is not quoted', async () => {
  const canary = newCanary()
  const stage = await stageWithServer(canary)
  const others = newCanary()
  const request = { ...KEY, source: stage.source, credentials: { username: USERNAME, token: others.token } }
  const error = await stage.manager.prepare(request).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'GIT_AUTH' })
  expect(others.isIn(allThatIsSaid([error, stage.heard]))).toBe(false)
  expect(await filesShowing(others, stage.directory)).toEqual([])
  // The control: what is searched would show it.
  expect(others.isIn(allThatIsSaid(new Error('x', { cause: new Error(others.token) })))).toBe(true)
})

test.each(CASES)('wrong ones $way for a $strategy are an error at once', async ({ strategy, way }) => {
  const canary = newCanary()
  const stage = await stageWithServer(newCanary())
  const startedAt = performance.now()
  const call = stage.manager.prepare({ ...KEY, strategy, ...WAYS[way](stage.source, canary) })
  const error = await call.catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'GIT_AUTH' })
  // A prompt would be waited for until the deadline.
  expect(performance.now() - startedAt).toBeLessThan(10_000)
  expect(canary.isIn(allThatIsSaid([error, stage.heard]))).toBe(false)
  expect(await filesShowing(canary, stage.directory)).toEqual([])
})

test('the program says nothing of it either', async () => {
  const canary = newCanary()
  const stage = await stageWithServer(canary)
  const { source = '' } = WAYS['in the URL'](stage.source, canary)
  const program = join(repositoryRoot, 'dist/cli/main.js')
  const run = (...args: string[]) =>
    new Promise<string>((resolve) => {
      const options = { env: { ...process.env, TMPDIR: stage.temporary } }
      execFile(
        process.execPath,
        [program, '--root', stage.root, ...args],
        options,
        (error, stdout, stderr) => {
          resolve([error?.code ?? 0, stdout, stderr].join('\n'))
        },
      )
    })
  const wrong = String(source).replace('shop.git', 'gone.git')
  const said = [
    await run('prepare', 'shop', 'task-1', '--source', String(source)),
    await run('prepare', 'shop', 'task-1', '--source', String(source), '--json'),
    await run('list', '--json'),
    await run('prepare', 'other', 'task-1', '--source', wrong),
    await run('prepare', 'other', 'task-1', '--source', `${wrong}?x`, '--json'),
    await run('sweep', '--json'),
  ]
  expect(said.filter((text) => canary.isIn(text))).toEqual([])
  expect(said[0]).toContain('Prepared')
  expect(said[3]).toMatch(/^1\n/)
  expect(await filesShowing(canary, stage.root)).toEqual([CREDENTIALS_FILE])
})
