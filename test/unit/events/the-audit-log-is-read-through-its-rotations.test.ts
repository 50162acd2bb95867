import { appendFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { auditLog } from '../../../src/events/audit-log.js'
import { type AuditLine, WorkspaceManager } from '../../../src/index.js'
import { environmentLayout } from '../../../src/model/layout.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

const at = '2026-01-01T00:00:00.000Z'

interface World {
  readonly root: string
  readonly managerDir: string
  readonly auditFile: string
  readonly manager: WorkspaceManager
  /** Appends events of these numbers; a log of 500 bytes is set aside. */
  readonly write: (...numbers: readonly number[]) => void
}

async function world(): Promise<World> {
  const root = await temporaryDirectory()
  const { managerDir, auditFile } = environmentLayout(root, 'shop')
  await mkdir(managerDir, { recursive: true })
  const append = auditLog({ root, maxBytes: 500 })
  const write = (...numbers: readonly number[]): void => {
    for (const number of numbers) {
      append('warning', { at, key: { envId: 'shop' }, ...{ number } })
      nextMillisecond()
    }
  }
  return { root, managerDir, auditFile, manager: new WorkspaceManager({ root }), write }
}

/** The names of what is set aside tell milliseconds apart, which with a real log's size is more than enough. */
function nextMillisecond(): void {
  const now = Date.now()
  while (Date.now() === now);
}

const numberOf = ({ entry, text }: AuditLine): unknown => entry?.['number'] ?? text

async function all(lines: AsyncIterable<AuditLine>): Promise<unknown[]> {
  const found: unknown[] = []
  for await (const line of lines) found.push(numberOf(line))
  return found
}

const range = (end: number) => Array.from({ length: end }, (_, index) => index)

describe('the audit log', () => {
  it('is read in its order, whatever was set aside', async () => {
    const { manager, managerDir, write } = await world()
    expect(await all(manager.audit('shop'))).toEqual([])
    expect(await all(manager.audit('never-used'))).toEqual([])
    write(...range(40))
    expect((await readdir(managerDir)).length).toBeGreaterThan(4)
    expect(await all(manager.audit('shop'))).toEqual(range(40))
  })

  it('is followed line by line while it is set aside, also into a file that has been', async () => {
    const { manager, managerDir, write } = await world()
    write(0, 1)
    const found: unknown[] = []
    for await (const line of manager.audit('shop', { follow: true })) {
      const number = numberOf(line)
      found.push(number)
      // Several generations between two looks.
      if (number === 1) write(...range(40).slice(2))
      if (number === 39) {
        // A slow writer has had the oldest one open all the time.
        const [oldest = ''] = (await readdir(managerDir)).filter((name) => /\.\d+$/.test(name)).sort()
        const late = { at, event: 'warning', env_id: 'shop', number: 'late' }
        await appendFile(join(managerDir, oldest), `${JSON.stringify(late)}\n`)
      }
      if (number === 'late') break
    }
    expect(found).toEqual([...range(40), 'late'])
  })

  it('is waited for where there is none yet, and a line counts when it is whole', async () => {
    const { root, manager } = await world()
    const lines = manager.audit('later', { follow: true })[Symbol.asyncIterator]()
    const first = lines.next()
    const { managerDir, auditFile } = environmentLayout(root, 'later')
    await mkdir(managerDir, { recursive: true })
    await writeFile(auditFile, `{"at":"${at}","event":"warning","env_id":"later","num`)
    await appendFile(auditFile, 'ber":7}\nno event\n')
    expect(numberOf((await first).value)).toBe(7)
    expect((await lines.next()).value).toEqual({ text: 'no event', entry: undefined })
    await lines.return?.()
  })

  it('begins anew where a shorter file stands in the place of another', async () => {
    const { manager, auditFile } = await world()
    const line = (number: number) => `${JSON.stringify({ at, event: 'warning', env_id: 'shop', number })}\n`
    await writeFile(auditFile, line(1) + line(2))
    const lines = manager.audit('shop', { follow: true })[Symbol.asyncIterator]()
    expect([numberOf((await lines.next()).value), numberOf((await lines.next()).value)]).toEqual([1, 2])
    await writeFile(auditFile, line(3))
    expect(numberOf((await lines.next()).value)).toBe(3)
    await lines.return?.()
  })

  it('is followed until the signal, or the end of the manager', async () => {
    const { manager, write } = await world()
    write(0)
    const stop = new AbortController()
    const stopped = all(manager.audit('shop', { follow: true, signal: stop.signal }))
    const closed = all(manager.audit('shop', { follow: true }))
    stop.abort()
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' })
    await Promise.all([manager.close(), expect(closed).rejects.toMatchObject({ code: 'MANAGER_CLOSED' })])
    await expect(all(manager.audit('shop'))).rejects.toMatchObject({ code: 'MANAGER_CLOSED' })
  })

  it('is no link and no folder, and what it is asked for is looked at', async () => {
    const { root, manager, auditFile } = await world()
    await symlink('/etc/passwd', auditFile)
    await expect(all(manager.audit('shop'))).rejects.toMatchObject({ code: 'TAMPERED' })
    await mkdir(environmentLayout(root, 'odd').auditFile, { recursive: true })
    await expect(all(manager.audit('odd'))).rejects.toMatchObject({ code: 'TAMPERED' })
    const { directory, managerDir } = environmentLayout(root, 'elsewhere')
    await mkdir(directory)
    await symlink(environmentLayout(root, 'odd').managerDir, managerDir)
    await expect(all(manager.audit('elsewhere'))).rejects.toMatchObject({
      code: 'TAMPERED',
      data: { path: managerDir },
    })
    expect(() => manager.audit('../shop')).toThrow(expect.objectContaining({ code: 'ID_INVALID' }))
    expect(() => manager.audit('shop', { folow: true } as object)).toThrow(/folow/)
  })
})
