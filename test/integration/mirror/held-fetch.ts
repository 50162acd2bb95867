import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { startGitHttpServer } from '../../helpers/git-http-server.js'

export interface HeldFetch {
  readonly url: string
  /** Resolves when a client asks for objects; it gets no answer until `letThrough`. */
  readonly begun: Promise<void>
  letThrough(): void
  /** Holds those that come from now on. */
  hold(): void
}

/** A git server that answers everything but the transfer of objects: a fetch stands still in the middle. */
export async function holdFetches(root: string, from: 'start' | 'later' = 'start'): Promise<HeldFetch> {
  const server = await startGitHttpServer({ root })
  let held = from === 'start'
  let announce: () => void = () => undefined
  const begun = new Promise<void>((resolve) => {
    announce = resolve
  })
  const proxy = createServer(async (request, response) => {
    const body = await bodyOf(request)
    if (held && body.includes('command=fetch')) announce()
    else passOn(server.url, request, body, response)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    proxy.closeAllConnections()
    proxy.close()
    await server.close()
  })
  const { port } = proxy.address() as AddressInfo
  const letThrough = () => {
    held = false
  }
  const hold = () => {
    held = true
  }
  return { url: `http://127.0.0.1:${port}`, begun, letThrough, hold }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function passOn(url: string, from: IncomingMessage, body: Buffer, to: ServerResponse): void {
  const { 'transfer-encoding': _, ...headers } = from.headers
  const options = { method: from.method ?? 'GET', headers: { ...headers, 'content-length': body.length } }
  const onward = forward(`${url}${from.url ?? '/'}`, options, (answer) => {
    to.writeHead(answer.statusCode ?? 500, answer.headers)
    answer.pipe(to)
  })
  // The client that asked was stopped; nobody waits for the answer.
  onward.on('error', () => to.destroy())
  onward.end(body)
}
