import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const STARTS_WITHIN_MS = 10_000

/** Where root's sshd wants an empty folder; Debian's service makes it. */
const PRIVILEGE_SEPARATION = '/run/sshd'

/** An sshd of the test's own, which lets this very user in with one key. */
export interface SshServer {
  /** 'ssh://user@127.0.0.1:port'; a path follows. */
  readonly url: string
  /** A client configuration with the right key and the right host key. */
  readonly clientConfig: string
  /** Makes another client configuration: a key that the server does not know, or a host key that is not the server's. */
  otherClient(wrong: 'key' | 'locked key' | 'host key'): Promise<string>
  close(): Promise<void>
}

/** The program, which starts only by its full path; undefined where there is none. */
export function findSshd(): string | undefined {
  const folders = ['/usr/sbin', '/usr/local/sbin', ...(process.env['PATH'] ?? '').split(':')]
  return folders.map((folder) => join(folder, 'sshd')).find((path) => existsSync(path))
}

export async function startSshServer(directory: string, sshd: string): Promise<SshServer> {
  for (const name of ['host', 'user']) await makeKey(join(directory, name), '')
  const port = await freePort()
  const config = join(directory, 'sshd_config')
  await writeFile(config, serverConfig(directory, port))
  const undoFolder = await makePrivilegeSeparationFolder()
  const child = spawn(sshd, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  const close = async () => {
    await end(child)
    await undoFolder()
  }
  try {
    await untilItListens(port, child)
  } catch (error) {
    await close()
    throw error
  }
  const clientConfig = await writeClient(directory, 'right', 'user', port, 'host')
  return { url: `ssh://${userInfo().username}@127.0.0.1:${port}`, clientConfig, otherClient, close }

  async function otherClient(wrong: 'key' | 'locked key' | 'host key'): Promise<string> {
    await makeKey(join(directory, 'other'), wrong === 'locked key' ? 'a passphrase' : '')
    return wrong === 'host key'
      ? writeClient(directory, 'other', 'user', port, 'other')
      : writeClient(directory, 'other', 'other', port, 'host')
  }
}

async function makeKey(file: string, passphrase: string): Promise<void> {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', file])
}

function serverConfig(directory: string, port: number): string {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(directory, 'host')}`,
    `AuthorizedKeysFile ${join(directory, 'user.pub')}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin yes',
    '',
  ].join('\n')
}

async function writeClient(
  directory: string,
  name: string,
  key: string,
  port: number,
  hostKey: string,
): Promise<string> {
  const known = join(directory, `known-${name}`)
  const config = join(directory, `client-${name}`)
  await writeFile(known, `[127.0.0.1]:${port} ${await readFile(join(directory, `${hostKey}.pub`), 'utf8')}`)
  await writeFile(
    config,
    [
      `IdentityFile ${join(directory, key)}`,
      'IdentitiesOnly yes',
      `UserKnownHostsFile ${known}`,
      'GlobalKnownHostsFile /dev/null',
      'StrictHostKeyChecking yes',
      '',
    ].join('\n'),
  )
  return config
}

async function makePrivilegeSeparationFolder(): Promise<() => Promise<void>> {
  const isNeeded = process.getuid?.() === 0 && !existsSync(PRIVILEGE_SEPARATION)
  if (!isNeeded) return () => Promise.resolve()
  await mkdir(PRIVILEGE_SEPARATION, { mode: 0o755 })
  return () => rm(PRIVILEGE_SEPARATION, { recursive: true, force: true })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function untilItListens(port: number, child: ChildProcess): Promise<void> {
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const deadline = performance.now() + STARTS_WITHIN_MS
  while (performance.now() < deadline && child.exitCode === null) {
    if (await answers(port)) return
    await delay(20)
  }
  throw new Error(`sshd did not start: ${said}`)
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill()
  await ended
}
