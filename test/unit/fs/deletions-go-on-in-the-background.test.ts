import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { BackgroundDeletions } from '../../../src/fs/background-deletions.js'
import { isPresent } from '../../../src/fs/presence.js'
import { bundledOnce } from '../../helpers/child-program.js'
import { emptiedTrash } from '../../helpers/emptied-trash.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { canMount, mountSmallDisk } from './small-disk.js'

afterEach(() => vi.unstubAllEnvs())

interface Trash {
  readonly folder: string
  /** Makes something to be deleted: in a folder of its own, as every session has one. */
  make(name: string): Promise<string>
}

async function trash(): Promise<Trash> {
  const folder = join(await temporaryDirectory(), 'trash')
  const make = async (name: string) => {
    const path = join(folder, name, 'tree')
    await mkdir(join(path, 'deep'), { recursive: true })
    await writeFile(join(path, 'deep', 'file'), Buffer.alloc(10_000, 1))
    return path
  }
  return { folder, make }
}

interface Told {
  readonly measured: number
  readonly end: number | Error
}

/** Deletes, and answers with all that was told. */
function deleted(deletions: BackgroundDeletions, path: string): Promise<Told> {
  let measured = 0
  return new Promise((resolve) => {
    deletions.add({
      path,
      onMeasured: (bytes) => {
        measured = bytes
      },
      onDeleted: (end) => resolve({ measured, end }),
      onFailure: (end) => resolve({ measured, end }),
    })
  })
}

/** An rm that says that it was started, and then waits for the file `go`. */
async function slowRm(): Promise<{ started: () => Promise<string[]>; go: () => Promise<void> }> {
  const folder = await temporaryDirectory()
  const [bin, log] = [join(folder, 'bin'), join(folder, 'log')]
  await mkdir(bin)
  await mkdir(log)
  const script = `#!/bin/sh\n: > "${log}/$$"\nwhile [ ! -e "${folder}/go" ]; do sleep 0.02; done\nexec /bin/rm "$@"\n`
  await writeFile(join(bin, 'rm'), script)
  await chmod(join(bin, 'rm'), 0o755)
  vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`)
  const go = () => writeFile(join(folder, 'go'), '')
  onTestFinished(go)
  return { started: () => startedIn(log), go }
}

/** Resolves when the first has been started. */
function startedIn(log: string): Promise<string[]> {
  return vi.waitFor(
    async () => {
      const names = await readdir(log)
      if (names.length === 0) throw new Error('no rm was started')
      return names
    },
    { timeout: 20_000, interval: 10 },
  )
}

test('what is deleted is measured before, and its folder of the trash goes with it', async () => {
  const { folder, make } = await trash()
  const { measured, end } = await deleted(new BackgroundDeletions(), await make('task'))
  expect(measured).toBeGreaterThan(10_000)
  expect(end).toBe(measured)
  expect(await readdir(folder)).toEqual([])
})

test('two are deleted at a time, whatever the number is', async () => {
  const { folder, make } = await trash()
  const rm = await slowRm()
  const deletions = new BackgroundDeletions()
  const paths = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(make))
  const all = Promise.all(paths.map((path) => deleted(deletions, path)))
  await rm.started()
  expect(deletions.isAtWorkIn(join(folder, 'e'))).toBe(true)
  expect((await rm.started()).length).toBeLessThanOrEqual(2)
  await rm.go()
  await all
  expect(await readdir(folder)).toEqual([])
  expect(deletions.isAtWorkIn(join(folder, 'e'))).toBe(false)
})

test('closing waits a second at most, and what is not gone by then goes on by itself', async () => {
  const { folder, make } = await trash()
  const rm = await slowRm()
  const deletions = new BackgroundDeletions()
  const told: unknown[] = []
  for (const path of await Promise.all(['a', 'b', 'c', 'd'].map(make))) {
    const tell = (end: unknown) => told.push(end)
    deletions.add({ path, onMeasured: () => undefined, onDeleted: tell, onFailure: tell })
  }
  await rm.started()
  await deletions.close()
  expect((await readdir(folder)).length).toBe(4)
  await rm.go()
  const left = async () =>
    (await Promise.all((await readdir(folder)).map((name) => readdir(join(folder, name))))).flat()
  await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 20_000 })
  // Nobody listens any more.
  expect(told).toEqual([])
})

test('what is added after the end is left to the next sweep', async () => {
  const { make } = await trash()
  const path = await make('task')
  const deletions = new BackgroundDeletions()
  await deletions.close()
  deletions.add({ path, onMeasured: () => undefined, onDeleted: () => undefined, onFailure: () => undefined })
  await deletions.close()
  expect(await isPresent(path)).toBe(true)
})

const mayForbid = canForbid()

function canForbid(): boolean {
  try {
    execFileSync('lsattr', ['-d', '/tmp'], { stdio: 'ignore' })
    return process.getuid?.() === 0
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return false
  }
}

test.runIf(mayForbid)("an immutable file is told of, stays, and is in nobody's way", async () => {
  const { folder, make } = await trash()
  const deletions = new BackgroundDeletions()
  const [first, second, third] = await Promise.all(['a', 'b', 'c'].map(make))
  const file = join(first ?? '', 'deep', 'file')
  execFileSync('chattr', ['+i', file])
  onTestFinished(() => {
    execFileSync('chattr', ['-i', file])
  })
  const ends = await Promise.all([first, second, third].map((path) => deleted(deletions, path ?? '')))
  expect(ends.map(({ end }) => typeof end)).toEqual(['object', 'number', 'number'])
  expect(ends[0]?.end).toMatchObject({ code: 'ROLLBACK_INCOMPLETE', data: { path: first } })
  expect(await readdir(folder)).toEqual(['a'])
  expect(await readFile(file)).toHaveLength(10_000)
})

test.runIf(canMount())(
  'nothing of what is mounted inside is deleted, also where it is of the same device',
  async () => {
    const { make } = await trash()
    const path = await make('task')
    const victim = join(await temporaryDirectory(), 'victim')
    await mkdir(victim)
    await writeFile(join(victim, 'file'), 'precious')
    const bound = join(path, 'bound here')
    await mkdir(bound)
    execFileSync('mount', ['--bind', victim, bound])
    onTestFinished(() => {
      execFileSync('umount', [bound])
    })
    const { end } = await deleted(new BackgroundDeletions(), path)
    expect(end).toMatchObject({ code: 'ROLLBACK_INCOMPLETE', data: { mounted: [bound] } })
    expect(await readFile(join(victim, 'file'), 'utf8')).toBe('precious')
  },
)

test.runIf(canMount())('control: rm alone deletes what is mounted from the same device', async () => {
  const { make } = await trash()
  const path = await make('task')
  const victim = await temporaryDirectory()
  await writeFile(join(victim, 'file'), 'precious')
  const bound = join(path, 'bound')
  await mkdir(bound)
  execFileSync('mount', ['--bind', victim, bound])
  onTestFinished(() => {
    execFileSync('umount', [bound])
  })
  expect(() => execFileSync('rm', ['-rf', '--one-file-system', path], { stdio: 'ignore' })).toThrow()
  expect(await isPresent(join(victim, 'file'))).toBe(false)
})

test.runIf(canMount())('the same holds for what is mounted from another device', async () => {
  const { make } = await trash()
  const path = await make('task')
  mountSmallDisk(path)
  const { end } = await deleted(new BackgroundDeletions(), path)
  expect(end).toMatchObject({ code: 'ROLLBACK_INCOMPLETE' })
})

test('a process that ends meanwhile does not wait, and the deletion goes on', async () => {
  const { folder, make } = await trash()
  const path = await make('task')
  const rm = await slowRm()
  const program = join(dirname(new URL(import.meta.url).pathname), 'delete-and-end-child.ts')
  const child = execFile(process.execPath, [bundledOnce(program), path])
  const [code] = await once(child, 'close')
  expect(code).toBe(0)
  await rm.started()
  expect(await isPresent(path)).toBe(true)
  await rm.go()
  await vi.waitFor(async () => expect(await isPresent(path)).toBe(false), { timeout: 20_000 })
  expect(await emptiedTrash(join(folder, 'task'))).toEqual([])
})
