import { once } from 'node:events'
import { mkdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { HeartbeatFile } from '../../../src/fs/heartbeat-file.js'
import { hasStopped } from '../../../src/fs/heartbeat-watch.js'
import { isPresent, namesIn } from '../../../src/fs/presence.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

const timing = { periodMs: 20, staleMs: 60_000 }
const anHourAgo = () => Date.now() / 1000 - 3600

async function beatingFile(periodMs = timing.periodMs) {
  const root = await temporaryDirectory()
  const path = join(root, 'owners', 'deep', 'one.json')
  const heartbeat = await HeartbeatFile.begin({ root, path, content: { id: 'one' }, periodMs })
  onTestFinished(() => heartbeat.end())
  return { root, path, heartbeat }
}

/** Resolves when the condition holds; the test's own deadline ends the wait. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve))
}

test('it says what it was given and moves its time', async () => {
  const { path } = await beatingFile()
  await utimes(path, anHourAgo(), anHourAgo())
  await until(async () => Date.now() - (await stat(path)).mtimeMs < 60_000)
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ id: 'one' })
})

test('one that was deleted by hand comes back', async () => {
  const { path } = await beatingFile()
  await rm(path)
  await until(() => isPresent(path))
})

test('its end leaves nothing, and not the folders that it made', async () => {
  const { root, heartbeat } = await beatingFile()
  await heartbeat.end()
  expect(await namesIn(root)).toEqual([])
})

test.each(['owners', 'owners/deep', 'owners/deep/one.json'])(
  'where %s is a link it writes nothing',
  async (at) => {
    const { root, path, heartbeat } = await beatingFile()
    const elsewhere = await temporaryDirectory()
    const target = join(elsewhere, relative(root, path))
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, 'of somebody else')
    const warned = once(process, 'warning')
    await rename(join(root, at), join(root, 'away'))
    await symlink(join(elsewhere, at), join(root, at))
    expect(String((await warned)[0])).toContain('could not be renewed')
    await heartbeat.end()
    expect(await readFile(target, 'utf8')).toBe('of somebody else')
    const begun = HeartbeatFile.begin({ root, path: `${path}.other`, content: {}, ...timing })
    if (!at.endsWith('.json')) await expect(begun).rejects.toMatchObject({ code: 'TAMPERED' })
    else await (await begun).end()
  },
)

test('a fresh one is beating, at once', async () => {
  const { path } = await beatingFile()
  expect(await hasStopped(path, { ...timing, periodMs: 3_600_000 })).toBe('beating')
})

test('an old one that beats again while it is watched has not stopped', async () => {
  const { path } = await beatingFile(5)
  await utimes(path, anHourAgo(), anHourAgo())
  expect(await hasStopped(path, { ...timing, periodMs: 2_000 })).toBe('beating')
})

test('an old one that does not beat has stopped, and so has an absent one', async () => {
  const folder = await temporaryDirectory()
  const path = join(folder, 'dead.json')
  expect(await hasStopped(path, timing)).toBe('stopped')
  await writeFile(path, '{}')
  await utimes(path, anHourAgo(), anHourAgo())
  expect(await hasStopped(path, timing)).toBe('stopped')
  expect(await namesIn(folder)).toEqual(['dead.json'])
})

test('a clock that jumped makes nobody dead: a time in the future is watched as well', async () => {
  const { path } = await beatingFile(5)
  const inAnHour = Date.now() / 1000 + 3600
  await utimes(path, inAnHour, inAnHour)
  expect(await hasStopped(path, { ...timing, periodMs: 2_000 })).toBe('beating')
})

test('the watch ends when its caller no longer wants to know', async () => {
  const folder = await temporaryDirectory()
  const watch = hasStopped(
    join(folder, 'absent'),
    { ...timing, periodMs: 3_600_000 },
    AbortSignal.timeout(20),
  )
  await expect(watch).rejects.toMatchObject({ code: 'ABORTED' })
})
