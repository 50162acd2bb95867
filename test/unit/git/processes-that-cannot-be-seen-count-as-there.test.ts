import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { isAbandoned } from '../../../src/git/abandoned-files.js'
import { runProgram } from '../../helpers/run-program.js'
import { untilAbandoned, WaitingGit } from '../../integration/recovery/waiting-git.js'
import { repositoryWithOneCommit, temporaryDirectory } from './fake-git.js'

const fault = vi.hoisted((): { realpath?: (() => Promise<string>) | undefined } => ({}))

vi.mock('node:fs/promises', async (original) => {
  const files = await original<typeof import('node:fs/promises')>()
  return { ...files, realpath: (path: string) => fault.realpath?.() ?? files.realpath(path) }
})
// The patience with a drive that does not answer, at once.
vi.mock('node:timers/promises', async (original) => {
  const timers = await original<typeof import('node:timers/promises')>()
  const setTimeout = (ms: number, ...rest: unknown[]) => timers.setTimeout(ms >= 10_000 ? 100 : ms, ...rest)
  return { ...timers, setTimeout }
})

afterEach(() => {
  fault.realpath = undefined
})

describe.runIf(process.platform === 'linux')('a lock stays while the place of a git is not known', () => {
  it.each([
    { name: 'because a drive does not answer', answer: () => new Promise<string>(() => undefined) },
    { name: 'because there are too many open files', answer: () => Promise.reject(systemError('EMFILE')) },
  ])('$name', async ({ answer }) => {
    const lock = await lockNobodyHolds()
    await gitElsewhere()
    fault.realpath = answer
    expect(await isAbandoned(lock)).toBe(false)
    fault.realpath = undefined
    await untilAbandoned(lock)
  })

  it('but a defect is not hidden', async () => {
    const lock = await lockNobodyHolds()
    await gitElsewhere()
    fault.realpath = () => Promise.reject(new TypeError('a defect'))
    await expect(isAbandoned(lock)).rejects.toThrow('a defect')
  })
})

const script = join(import.meta.dirname, '../../integration/recovery/ask-once.ts')
const ask = `TSX_DISABLE_CACHE=1 "${process.execPath}" --import tsx "${script}"`
const nobody = 'setpriv --reuid=65534 --regid=65534 --clear-groups'

describe.runIf(process.platform === 'linux' && process.getuid?.() === 0)('a lock stays where /proc', () => {
  it.each([
    {
      name: 'is that of another process-id namespace',
      words: ['--pid', '--fork', 'sh', '-c', `${ask} "$0"`],
    },
    {
      name: 'hides the processes of other users',
      words: [
        '--mount',
        'sh',
        '-c',
        `mount -t proc -o hidepid=2 proc /proc && exec ${nobody} env ${ask} "$0"`,
      ],
    },
  ])('$name', async ({ words }) => {
    const lock = await lockNobodyHolds()
    const { code, stdout, stderr } = await runProgram('unshare', [...words, lock])
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'kept, 0 ended\n', stderr: '' })
  })
})

async function lockNobodyHolds(): Promise<string> {
  const folder = await temporaryDirectory()
  const lock = join(folder, 'index.lock')
  await writeFile(lock, '')
  await chmod(folder, 0o755)
  return lock
}

it.runIf(process.getuid?.() === 0)('a lock in a folder that may not be read stays', async () => {
  const lock = await lockNobodyHolds()
  await chmod(join(lock, '..'), 0o700)
  const { stdout } = await runProgram('sh', ['-c', `exec ${nobody} env ${ask} "$0"`, lock])
  expect(stdout).toContain('kept')
})

async function gitElsewhere(): Promise<void> {
  const waiting = await WaitingGit.start(await repositoryWithOneCommit(), ['cat-file', '--batch-check'])
  onTestFinished(() => waiting.kill())
  waiting.write('nothing\n')
  await waiting.says('nothing missing')
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code, syscall: 'realpath' })
}
