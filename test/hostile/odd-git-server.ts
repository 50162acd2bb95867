import { spawn } from 'node:child_process'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/**
 * How a git:// server behaves once it is asked for objects: `well`; `stalls` or `drops` after some bytes of a true
 * answer; `drips` a byte at a time; `talks` of its work for ever; sends one `endless` file; or is `mute` from the first
 * moment on.
 */
export type Mood = 'well' | 'stalls' | 'drops' | 'drips' | 'talks' | 'endless' | 'mute'

export interface OddGitServer {
  /** 'git://127.0.0.1:<port>'; the path of a repository follows. */
  readonly url: string
  mood: Mood
}

/** So much of a true answer comes before it stalls or drops: git is in the middle of a pack then. */
const CUT_BYTES = 100_000
const TICK_MS = 20

/** `git upload-pack` behind a server that has moods; it ends with the test. */
export async function startOddGitServer(mood: Mood): Promise<OddGitServer> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    void serve(socket, answer)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const answer = { url: `git://127.0.0.1:${(server.address() as AddressInfo).port}`, mood }
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return answer
}

async function serve(socket: Socket, server: OddGitServer): Promise<void> {
  const { path, rest } = await askedFor(socket)
  if (server.mood === 'mute') return
  const env = { ...process.env, GIT_PROTOCOL: 'version=2' }
  const child = spawn('git', ['upload-pack', path], { env, stdio: ['pipe', 'pipe', 'ignore'] })
  socket.on('close', () => child.kill())
  child.stdin.on('error', () => socket.destroy())
  child.stdout.on('end', () => socket.end())
  const pass = (chunk: Buffer) => void socket.write(chunk)
  child.stdout.on('data', pass)
  const take = (chunk: Buffer) => {
    const { mood } = server
    const isFetch = chunk.includes('command=fetch')
    if (isFetch && (mood === 'stalls' || mood === 'drops')) cut(socket, child.stdout.off('data', pass), mood)
    if (isFetch && mood === 'drips') drip(socket, child.stdout.off('data', pass))
    if (isFetch && (mood === 'talks' || mood === 'endless')) misbehave(socket, chunk, mood)
    else child.stdin.write(chunk)
  }
  if (rest.length > 0) take(rest)
  socket.on('data', take)
}

/** The first packet: 'git-upload-pack <path>\0host=…'. */
function askedFor(socket: Socket): Promise<{ path: string; rest: Buffer }> {
  return new Promise((resolve) => {
    let read = Buffer.alloc(0)
    const add = (chunk: Buffer) => {
      read = Buffer.concat([read, chunk])
      const length = Number.parseInt(read.subarray(0, 4).toString(), 16)
      if (read.length < 4 || read.length < length) return
      socket.off('data', add)
      const [command = ''] = read.subarray(4, length).toString().split('\0')
      resolve({ path: command.replace('git-upload-pack ', ''), rest: read.subarray(length) })
      socket.pause()
      setImmediate(() => socket.resume())
    }
    socket.on('data', add)
  })
}

function cut(socket: Socket, answer: NodeJS.ReadableStream, mood: 'stalls' | 'drops'): void {
  let left = CUT_BYTES
  answer.on('data', (chunk: Buffer) => {
    socket.write(chunk.subarray(0, left))
    left -= Math.min(left, chunk.length)
    if (left === 0 && mood === 'drops') socket.destroy()
  })
}

function drip(socket: Socket, answer: NodeJS.ReadableStream): void {
  let waiting = Buffer.alloc(0)
  answer.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk])
  })
  every(socket, () => {
    socket.write(waiting.subarray(0, 1))
    waiting = waiting.subarray(1)
  })
}

function misbehave(socket: Socket, request: Buffer, mood: 'talks' | 'endless'): void {
  // Who has something of the repository is told first that it is known (gitprotocol-v2(5), fetch).
  if (!request.includes('done\n'))
    socket.write(Buffer.concat([text('acknowledgments\n'), text('ready\n'), Buffer.from('0001')]))
  socket.write(text('packfile\n'))
  if (mood === 'talks') {
    every(socket, () => socket.write(band(2, Buffer.from('Counting objects\n'))))
    return
  }
  socket.write(band(1, ENDLESS_HEAD))
  every(socket, () => {
    if (socket.writableLength < 1_000_000) socket.write(ENDLESS_TICK)
  })
}

const text = (line: string) => packet(Buffer.from(line))

const band = (number: number, data: Buffer) => packet(Buffer.concat([Buffer.from([number]), data]))

function every(socket: Socket, action: () => unknown): void {
  const timer = setInterval(action, TICK_MS)
  socket.on('close', () => clearInterval(timer))
}

/** gitprotocol-common(5): the length in front counts itself. */
function packet(data: Buffer): Buffer {
  return Buffer.concat([Buffer.from((data.length + 4).toString(16).padStart(4, '0')), data])
}

/** gitformat-pack(5): one object, a blob (type 3) of 2^39 bytes and some, and the first bytes of its zlib stream. */
const ENDLESS_HEAD = Buffer.from([
  ...Buffer.from('PACK'),
  ...[0, 0, 0, 2, 0, 0, 0, 1],
  ...[0xb0, 0x80, 0x80, 0x80, 0x80, 0x7f],
  ...[0x78, 0x01],
])

/** A stored block of deflate (RFC 1951, 3.2.4) that is not the last. */
const STORED = Buffer.concat([Buffer.from([0, 0x00, 0xf0, 0xff, 0x0f]), Buffer.alloc(0xf000, 'x')])

const ENDLESS_TICK = Buffer.concat(Array.from({ length: 8 }, () => band(1, STORED)))
