import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it, onTestFinished } from 'vitest'
import { auditLog } from '../../src/events/audit-log.js'
import { environmentLayout } from '../../src/model/layout.js'
import { repositoryRoot } from '../helpers/run-program.js'
import { temporaryDirectory } from '../helpers/temporary.js'

const PROGRAM = join(repositoryRoot, 'dist/cli/main.js')
const at = '2026-01-01T00:00:00.000Z'

interface Following {
  readonly child: ChildProcess
  readonly lines: AsyncIterator<string>
  readonly ended: Promise<{ code: number | null; stderr: string }>
}

function follow(root: string, ...args: readonly string[]): Following {
  const child = spawn(process.execPath, [PROGRAM, 'audit', 'shop', '--follow', '--root', root, ...args])
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = once(child, 'close').then(([code]) => ({
    code: typeof code === 'number' ? code : null,
    stderr,
  }))
  return { child, lines, ended }
}

/** Writes events with numbers; whatever is larger than a line is set aside. */
async function writer(root: string): Promise<(number: number) => void> {
  await mkdir(environmentLayout(root, 'shop').managerDir, { recursive: true })
  const append = auditLog({ root, maxBytes: 100 })
  const key = { envId: 'shop', taskId: 'task-1' }
  return (number) => append('warning', { at, key, ...{ number, message: 'two words' } })
}

it('prints what happens as it happens, through rotations, until Ctrl-C', async () => {
  const root = await temporaryDirectory()
  const { child, lines, ended } = follow(root, '--json')
  const write = await writer(root)
  for (let number = 0; number < 20; number += 1) {
    write(number)
    const { value } = await lines.next()
    expect(JSON.parse(value)).toMatchObject({ event: 'warning', task_id: 'task-1', number })
  }
  child.kill('SIGINT')
  expect(await ended).toEqual({ code: 130, stderr: '' })
})

it('ends well when nobody reads it any more', async () => {
  const root = await temporaryDirectory()
  const write = await writer(root)
  write(1)
  const { child, lines, ended } = follow(root)
  expect((await lines.next()).value).toMatch(
    /^2026-01-01T00:00:00.000Z {2}warning +task-1 {2}number=1 {2}message="two words"$/,
  )
  child.stdout?.destroy()
  write(2)
  expect(await ended).toEqual({ code: 0, stderr: '' })
})
