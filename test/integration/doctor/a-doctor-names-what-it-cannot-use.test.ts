import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Git } from '../../../src/git/git.js'
import { managedReposDir } from '../../../src/model/layout.js'
import { parseManagerOptions } from '../../../src/model/options.js'
import { doctor } from '../../../src/operations/doctor/doctor.js'
import { openServices } from '../../../src/operations/open-services.js'
import { runTypeScript } from '../../helpers/run-program.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { canMount, mountSmallDisk } from '../../unit/fs/small-disk.js'
import { makeStage, newManager } from '../verbs/stage.js'

const signal = new AbortController().signal

test('a root that is not there yet is no problem, and is not made', async () => {
  const directory = await temporaryDirectory()
  const { findings, problems } = await newManager({ root: join(directory, 'root') }).doctor({ mode: 'fix' })
  expect(problems).toBe(0)
  expect(findings.at(-1)).toMatchObject({ check: 'root', level: 'note' })
  expect(await readdir(directory)).toEqual([])
})

test.each(['root', 'root/managed-repos'])('a file at %s is a problem', async (place) => {
  const directory = await temporaryDirectory()
  const file = join(directory, place)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, '')
  const { findings, problems } = await newManager({ root: join(directory, 'root') }).doctor()
  expect(findings.at(-1)).toMatchObject({ check: 'root', level: 'problem', path: file, remedy: 'move' })
  expect(problems).toBe(1)
})

test('a git that is missing is a problem, and keeps nobody from the rest', async () => {
  const { root, prepare } = await makeStage()
  await prepare({ source: undefined })
  const settings = parseManagerOptions({ root }, { root, parallelism: 2 })
  const git = new Git({ gitTimeoutMs: 1000, ownDirectory: root, environment: { PATH: '/nowhere' } })
  const { findings, problems } = await doctor(openServices(settings, [], { git }), { signal })
  expect(findings[0]).toMatchObject({ check: 'git', level: 'problem', remedy: 'install' })
  expect(problems).toBe(1)
  expect(findings.map(({ check }) => check)).toContain('free-space')
})

test('a mirror that has lost its parts is put right by the next prepare', async () => {
  const { manager, layout, prepare } = await makeStage()
  await prepare()
  await writeFile(join(layout.mirrorDir, 'HEAD'), '')
  expect(await mirrorProblems(manager.doctor())).toEqual(['fix'])
  await rm(join(layout.mirrorDir, 'config'))
  expect(await mirrorProblems(manager.doctor({ mode: 'fix' }))).toEqual(['prepare'])
  await prepare({ taskId: 'task-2' })
  expect(await mirrorProblems(manager.doctor())).toEqual([])
})

async function mirrorProblems(report: ReturnType<typeof doctor>): Promise<unknown[]> {
  const { findings } = await report
  return findings.filter(({ check }) => check === 'mirror').map(({ remedy }) => remedy)
}

test.runIf(canMount())('parts on other file systems are told', async () => {
  const { manager, layout, prepare } = await makeStage()
  await prepare({ source: undefined })
  await mkdir(layout.trashDir, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', layout.trashDir])
  onTestFinished(() => void execFileSync('umount', [layout.trashDir]))
  const { findings, problems } = await manager.doctor()
  expect(findings.filter(({ level }) => level === 'note')).toMatchObject([
    { check: 'file-system', path: layout.trashDir, key: { envId: 'shop' } },
  ])
  expect(problems).toBe(0)
})

test.runIf(canMount())('a disk with little room is a problem', async () => {
  const root = join(mountSmallDisk(), 'root')
  await mkdir(managedReposDir(root), { recursive: true })
  const { findings, problems } = await newManager({ root }).doctor()
  expect(findings.at(-1)).toMatchObject({ check: 'free-space', level: 'problem', remedy: 'free-space' })
  expect(problems).toBe(1)
})

test.runIf(process.platform !== 'win32')(
  'what this user may not use is named, and nothing rejects',
  async () => {
    const directory = await temporaryDirectory()
    await chmod(directory, 0o777)
    const child = join(import.meta.dirname, 'doctor-as-nobody.ts')
    const { stdout, stderr } = await runTypeScript(child, [directory])
    expect(stderr).toBe('')
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(answers).toHaveLength(8)
    const [foreign, file] = answers.splice(6)
    const path = managedReposDir('/no-such-root')
    expect(foreign.told).toMatchObject([{ check: 'permissions', path, remedy: 'own' }])
    expect(file.told).toMatchObject([{ check: 'root', path: file.place, remedy: 'move' }])
    for (const { place, told, listing } of answers) {
      expect(told).toContainEqual(expect.objectContaining({ path: place, remedy: 'permit' }))
      expect(JSON.stringify(told)).toContain(place)
      expect(told).toContainEqual(expect.objectContaining({ message: expect.stringMatching(/EACCES/) }))
      expect(['it succeeded', 'OPTIONS_INVALID']).toContain(listing)
    }
  },
)
