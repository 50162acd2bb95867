import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { Git } from '../../../src/git/git.js'
import { git } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

let directory: string
let repository: string
let door: Git
beforeEach(async () => {
  directory = await temporaryDirectory()
  repository = await makeRepository('repo')
  door = newDoor({ gitTimeoutMs: 60_000 })
})

function newDoor(options: ConstructorParameters<typeof Git>[0]): Git {
  const made = new Git(options)
  onTestFinished(() => made.close())
  return made
}

async function makeRepository(name: string): Promise<string> {
  const path = join(directory, name)
  await git(directory, 'init', '--quiet', '-b', 'main', path)
  await git(path, 'commit', '--quiet', '--allow-empty', '-m', name)
  return join(path, '.git')
}

const commitOf = (name: string) => git(repository, 'rev-parse', `${name}^{commit}`)

/** The look-up processes on a repository that run now. */
async function running(gitDir = repository): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')
      const [command, env] = [await read('cmdline'), await read('environ')]
      return command.includes('--batch-check') && env.split('\0').includes(`GIT_DIR=${gitDir}`)
        ? Number(pid)
        : []
    }),
  )
  return found.flat()
}

test('names are answered in their order; what is missing, ambiguous or no commit is undefined', async () => {
  await git(repository, 'tag', '-a', '-m', 'x', 'v1')
  const tree = await git(repository, 'rev-parse', 'HEAD^{tree}')
  const head = await commitOf('main')
  expect(await door.commits(repository, ['main', 'absent', 'v1', tree, '', 'a b', head])).toEqual([
    head,
    undefined,
    head,
    undefined,
    undefined,
    undefined,
    head,
  ])
})

test('a hundred callers at once need one process, which stays', async () => {
  const head = await commitOf('main')
  const asked = Array.from({ length: 100 }, (_, index) =>
    door.commits(repository, index % 2 === 0 ? ['main'] : ['absent', 'main']),
  )
  const answers = await Promise.all(asked)
  answers.forEach((answer, index) => {
    expect(answer).toEqual(index % 2 === 0 ? [head] : [undefined, head])
  })
  expect(door.processCount).toBe(1)
  expect(await running()).toHaveLength(1)
})

test('what is committed, packed, moved and deleted meanwhile is seen', async () => {
  const first = await commitOf('main')
  expect(await door.commits(repository, ['main', 'new'])).toEqual([first, undefined])
  await git(join(repository, '..'), 'commit', '--quiet', '--allow-empty', '-m', 'second')
  const second = await commitOf('main')
  expect(await door.commits(repository, ['main'])).toEqual([second])
  await git(repository, 'update-ref', 'refs/heads/new', first)
  await git(repository, 'pack-refs', '--all')
  await git(repository, 'repack', '-a', '-d', '-q')
  expect(await door.commits(repository, ['main', 'new'])).toEqual([second, first])
  await git(repository, 'update-ref', '-d', 'refs/heads/new')
  expect(await door.commits(repository, ['new'])).toEqual([undefined])
  expect(door.processCount).toBe(1)
})

test('a killed process is replaced', async () => {
  await door.commits(repository, ['main'])
  for (const pid of await running()) process.kill(pid, 'SIGKILL')
  expect(await door.commits(repository, ['main'])).toEqual([await commitOf('main')])
  expect(door.processCount).toBe(2)
})

test('a repository that took the place of another has its own process', async () => {
  await door.commits(repository, ['main'])
  const other = await makeRepository('other')
  await rm(repository, { recursive: true })
  await rename(other, repository)
  expect(await door.commits(repository, ['main'])).toEqual([await commitOf('main')])
  expect(await running()).toHaveLength(1)
})

test('its end is waited for, and it can be asked again', async () => {
  await door.commits(repository, ['main'])
  await door.close()
  expect(await running()).toEqual([])
  expect(await door.commits(repository, ['main'])).toEqual([await commitOf('main')])
})

test('no more processes than repositories that were asked last', async () => {
  const repositories = await Promise.all(
    Array.from({ length: 18 }, (_, index) => makeRepository(`r${index}`)),
  )
  for (const gitDir of repositories) await door.commits(gitDir, ['main'])
  const alive = await Promise.all(repositories.map((gitDir) => running(gitDir)))
  expect(alive.flat()).toHaveLength(16)
})

test('what is no repository is a typed error, and so is one that never answers', async () => {
  await mkdir(join(directory, 'nothing'))
  await expect(door.commits(join(directory, 'nothing'), ['main'])).rejects.toMatchObject({
    code: 'GIT_FAILED',
  })
  const bin = join(directory, 'bin')
  await mkdir(bin)
  await writeFile(join(bin, 'git'), '#!/bin/sh\nread -r name; exec sleep 60\n', { mode: 0o755 })
  const slow = newDoor({ gitTimeoutMs: 100, environment: { PATH: `${bin}:${process.env['PATH']}` } })
  await expect(slow.commits(repository, ['main'])).rejects.toMatchObject({ code: 'GIT_TIMEOUT' })
})

test('an aborted caller gets no answer, the others do', async () => {
  const stopped = new AbortController()
  const asked = door.commits(repository, ['main'], stopped.signal)
  const other = door.commits(repository, ['main'])
  stopped.abort()
  await expect(asked).rejects.toMatchObject({ code: 'ABORTED' })
  expect(await other).toEqual([await commitOf('main')])
})

test.each(['closed', 'left open'])('it keeps no program running, and ends with it: %s', async (how) => {
  const program = `import { Git } from ${JSON.stringify(new URL('../../../src/git/git.ts', import.meta.url).href)}
    const git = new Git({ gitTimeoutMs: 60000 })
    await git.commits(process.argv[1], ['main'])
    if (process.argv[2] === 'closed') await git.close()`
  const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', program, repository, how]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [code] = await once(child, 'close')
  expect(code).toBe(0)
  while ((await running()).length > 0) await new Promise((resolve) => setImmediate(resolve))
})
