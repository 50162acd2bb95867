import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { namesIn } from '../../src/fs/presence.js'
import { environmentLayout } from '../../src/model/layout.js'
import { startGitHttpServer } from '../helpers/git-http-server.js'
import { git } from '../helpers/run-git.js'
import { taskTraces } from '../helpers/task-traces.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream } from '../helpers/upstream.js'
import { failureOf, newManager } from '../integration/verbs/stage.js'
import { type Mood, startOddGitServer } from './odd-git-server.js'

const KEY = { envId: 'shop', taskId: 'task-1' } as const
const REQUIRED = { mode: 'require' } as const

/** Short enough for a test; what is expected to succeed has all the time that it needs. */
const IMPATIENT = { gitTimeoutMs: 400 }

async function makeStage() {
  const directory = await temporaryDirectory()
  const upstream = await createUpstream(join(directory, 'served', 'up.git'))
  const root = join(directory, 'root')
  const layout = environmentLayout(root, KEY.envId)
  const packs = async () => (await namesIn(join(layout.mirrorDir, 'objects', 'pack'))).sort()
  const grow = () => upstream.commit('main', { 'noise.bin': randomBytes(400_000) })
  return { directory, upstream, root, layout, packs, grow }
}

/** Every process that has a path in its environment, which git gives on to all that it starts. */
function processesOf(path: string): string[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  return ids.flatMap((id) => {
    try {
      const isOurs = readFileSync(`/proc/${id}/environ`, 'utf8').includes(`=${path}`)
      return isOurs ? [readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ')] : []
    } catch (error) {
      if (error instanceof Error && /ENOENT|ESRCH|EACCES|EPERM/.test(error.message)) return []
      throw error
    }
  })
}

// Whose processes are whose, and that a git which left something is gone, can be told on Linux only.
const onLinux = test.runIf(process.platform === 'linux')

const MOODS: readonly (readonly [Mood, string])[] = [
  ['mute', 'GIT_TIMEOUT'],
  ['stalls', 'GIT_TIMEOUT'],
  ['drips', 'GIT_TIMEOUT'],
  ['talks', 'GIT_TIMEOUT'],
  ['drops', 'GIT_NETWORK'],
]

onLinux('a git server in any mood is stopped, and the mirror stays as it was', async () => {
  const { upstream, root, layout, packs, grow } = await makeStage()
  const server = await startOddGitServer('well')
  const source = `${server.url}${upstream.path}`
  const patient = newManager({ root })
  await patient.prepare({ ...KEY, source })
  for (const [mood, code] of MOODS) {
    const taskId = `after-${mood}`
    const before = await packs()
    await grow()
    server.mood = mood
    const impatient = newManager({ root, ...(code === 'GIT_TIMEOUT' ? IMPATIENT : {}) })
    const failure = await failureOf(impatient.prepare({ ...KEY, taskId, source, freshness: REQUIRED }))
    expect([mood, failure.code]).toEqual([mood, code])
    expect(processesOf(root).filter((line) => !line.includes('cat-file'))).toEqual([])
    // What had come is gone at once.
    expect([mood, await packs()]).toEqual([mood, before])
    expect((await taskTraces(join(root, 'managed-repos', KEY.envId))).join()).not.toContain(taskId)
    server.mood = 'well'
    const tip = await upstream.head()
    expect(await patient.refresh(KEY)).toMatchObject({ after: tip, stale: false })
    expect((await patient.prepare({ ...KEY, taskId, source })).base?.commit).toBe(tip)
  }
  await git(layout.mirrorDir, 'fsck')
})

/** What an http server says before it says no more. */
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n\r\n001e#'

/** The ways of an http server, by the port that it listens at. */
async function startOddHttpServer(way: 'stalls' | 'drips' | 'drops'): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', () => {
      if (way === 'stalls') return
      socket.write(HEAD)
      if (way === 'drops') return socket.destroySoon()
      const timer = setInterval(() => socket.write(' '), 50)
      socket.on('close', () => clearInterval(timer))
    })
    onTestFinished(() => void socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

onLinux('an http server that stalls, drips or drops leaves nothing', async () => {
  const { directory, root } = await makeStage()
  for (const way of ['stalls', 'drips', 'drops'] as const) {
    const odd = await startOddHttpServer(way)
    const impatient = newManager({ root, ...(way === 'drops' ? {} : IMPATIENT) })
    const { code } = await failureOf(impatient.prepare({ ...KEY, source: `${odd}/up.git` }))
    expect([way, code]).toEqual([way, way === 'drops' ? 'GIT_NETWORK' : 'GIT_TIMEOUT'])
    expect([way, processesOf(root)]).toEqual([way, []])
    expect([way, await namesIn(root)]).toEqual([way, []])
  }
  // The control: the same environment takes one that answers.
  const server = await startGitHttpServer({ root: join(directory, 'served') })
  onTestFinished(() => server.close())
  await newManager({ root }).prepare({ ...KEY, source: `${server.url}/up.git` })
})

/** What a program in ssh's place does; at last it runs what it is asked to. */
const STAND_INS = {
  stalls: 'sleep 300 & wait',
  talks: 'while :; do echo talk >&2; sleep 0.1; done',
  answers: 'shift; exec sh -c "$*"',
} as const

onLinux('an ssh that stalls or talks is stopped with all that it has started', async () => {
  const { directory, upstream, root } = await makeStage()
  const program = join(directory, 'stand-in')
  const become = async (way: keyof typeof STAND_INS) => {
    await writeFile(program, `#!/bin/sh\n${STAND_INS[way]}\n`)
    await chmod(program, 0o755)
  }
  vi.stubEnv('GIT_SSH_COMMAND', program)
  vi.stubEnv('GIT_SSH_VARIANT', 'simple')
  const [impatient, patient] = [newManager({ root, ...IMPATIENT }), newManager({ root })]
  vi.unstubAllEnvs()
  const source = `ssh://host${upstream.path}`
  for (const way of ['stalls', 'talks'] as const) {
    await become(way)
    const { code } = await failureOf(impatient.prepare({ ...KEY, source }))
    expect([way, code]).toEqual([way, 'GIT_TIMEOUT'])
    expect([way, processesOf(program)]).toEqual([way, []])
    expect([way, await namesIn(root)]).toEqual([way, []])
  }
  await become('answers')
  await patient.prepare({ ...KEY, source })
})
