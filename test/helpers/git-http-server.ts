import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface GitHttpServerOptions {
  /** The folder whose repositories are served, `<root>/shop.git` as `<url>/shop.git`. */
  readonly root: string
  /** With a password every request without it is answered with 401. */
  readonly username?: string
  readonly password?: string
  /** Every request is sent on to this base URL. */
  readonly redirectTo?: string
  /** Requests are taken and never answered. */
  readonly stall?: boolean
}

export interface GitHttpServer {
  /** 'http://127.0.0.1:<port>', without a slash at the end. */
  readonly url: string
  readonly requests: readonly { method: string; url: string; authorization: string | undefined }[]
  close(): Promise<void>
}

/** A git server over HTTP on a free local port: `git http-backend` behind basic authentication. */
export async function startGitHttpServer(options: GitHttpServerOptions): Promise<GitHttpServer> {
  const requests: { method: string; url: string; authorization: string | undefined }[] = []
  const server = createServer((request, response) => {
    const { method = 'GET', url = '/' } = request
    requests.push({ method, url, authorization: request.headers.authorization })
    answer(options, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
  }
  return { url: `http://127.0.0.1:${port}`, requests, close }
}

function answer(options: GitHttpServerOptions, request: IncomingMessage, response: ServerResponse): void {
  if (options.stall) return
  if (options.redirectTo !== undefined) {
    response.writeHead(302, { location: `${options.redirectTo}${request.url}` }).end()
  } else if (isAllowed(options, request)) {
    serve(options.root, request, response)
  } else {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
  }
}

function isAllowed({ username = '', password }: GitHttpServerOptions, request: IncomingMessage): boolean {
  const expected = Buffer.from(`${username}:${password}`).toString('base64')
  return password === undefined || request.headers.authorization === `Basic ${expected}`
}

/** Speaks CGI (RFC 3875) with `git http-backend`. */
function serve(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
  const backend = spawn('git', ['-c', 'safe.directory=*', '-c', 'http.receivepack=true', 'http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      REQUEST_METHOD: request.method,
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_USER: 'test',
      REMOTE_ADDR: '127.0.0.1',
    },
  })
  // A client that is killed breaks the pipes; the backend then ends by itself.
  backend.stdin.on('error', () => backend.kill())
  request.pipe(backend.stdin)
  response.on('close', () => backend.kill())
  let head = Buffer.alloc(0)
  backend.stdout.on('data', (chunk: Buffer) => {
    if (response.headersSent) {
      response.write(chunk)
      return
    }
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    writeHead(head.subarray(0, end).toString(), response)
    response.write(head.subarray(end + 4))
  })
  backend.stdout.on('end', () => response.end())
}

function writeHead(text: string, response: ServerResponse): void {
  const headers = text.split('\r\n').map((line) => line.split(/: (.*)/s, 2) as [string, string])
  const status = headers.find(([name]) => name.toLowerCase() === 'status')?.[1] ?? '200'
  response.writeHead(
    Number.parseInt(status, 10),
    headers.filter(([name]) => name.toLowerCase() !== 'status').flat(),
  )
}
