import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parseManagerOptions } from '../../../src/model/options.js'
import { parsePrepareRequest } from '../../../src/model/prepare-request.js'
import { cleanup } from '../../../src/operations/cleanup.js'
import { openServices } from '../../../src/operations/open-services.js'
import { prepare } from '../../../src/operations/prepare.js'
import type { Services } from '../../../src/operations/services.js'
import { git } from '../../helpers/run-git.js'
import { runTypeScript } from '../../helpers/run-program.js'
import { CHECKOUTS, failureOf, KEY, type Stage } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

// Which of the two depends on whether the successor still holds it when the loss is noticed.
const LOST = /^(?:TAMPERED|LOCK_TIMEOUT)$/

const child = fileURLToPath(new URL('prepare-one.ts', import.meta.url))

/** Another process prepares the task anew, and its agent commits; answers with the commit. */
async function succeed(stage: Stage, strategy: string): Promise<string> {
  const { code, stdout, stderr } = await runTypeScript(child, [stage.root, stage.upstream.url, strategy])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  await git(stdout, 'commit', '--quiet', '--allow-empty', '-m', 'Work of the successor')
  return git(stdout, 'rev-parse', 'HEAD')
}

/** Services that lose the session's lock before one step, as a host that is suspended there does. */
function suspendedBefore(stage: Stage, at: string, meanwhile: () => Promise<unknown>): Services {
  const settings = parseManagerOptions({}, { root: stage.root, parallelism: 2 })
  return openServices(settings, [], {
    beforeStep: async (operation, step) => {
      if (`${operation}:${step}` !== at) return
      await rm(join(stage.layout.locksDir, 'session-task-1.lock'), { recursive: true })
      await meanwhile()
    },
  })
}

async function expectUntouched(stage: Stage, commit: string): Promise<void> {
  expect((await stage.manager.list()).map(({ state }) => state)).toEqual(['ready'])
  expect(await git(join(stage.layout.tasksDir, 'task-1', 'workdir'), 'rev-parse', 'HEAD')).toBe(commit)
}

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test('a prepare that lost its lock undoes nothing of its successor', async () => {
    const stage = await makeWarmStage()
    let commit = ''
    const services = suspendedBefore(stage, 'prepare:files', async () => {
      commit = await succeed(stage, strategy)
    })
    const request = parsePrepareRequest({ ...KEY, source: stage.upstream.url, strategy })
    expect((await failureOf(prepare(services, request))).code).toMatch(LOST)
    await expectUntouched(stage, commit)
  })

  test.each(['trash', 'release'])('nor does a cleanup before "%s"', async (step) => {
    const stage = await makeWarmStage()
    await (await stage.prepare({ strategy })).finish('succeeded')
    let commit = ''
    const services = suspendedBefore(stage, `cleanup:${step}`, async () => {
      commit = await succeed(stage, strategy)
    })
    expect((await failureOf(cleanup(services, KEY, {}))).code).toMatch(LOST)
    await expectUntouched(stage, commit)
  })
})

test("a refused write of a record leaves no reservation, and a leftover one is in nobody's way", async () => {
  const stage = await makeWarmStage()
  const workspace = await stage.prepare()
  const file = join(stage.layout.sessionsDir, 'task-1.json')
  const record: object = JSON.parse(await readFile(file, 'utf8'))
  await workspace.cleanup()
  await writeFile(file, JSON.stringify({ ...record, state: 'reserved' }))
  expect((await stage.prepare()).reused).toBe(false)
})
