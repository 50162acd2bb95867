import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { beforeAll, expect, it } from 'vitest'
import { candidates } from '../../../src/cli/completion/candidates.js'
import { cleanUpListed, listCleanups } from '../../../src/cli/listed-cleanup.js'
import { buildProgram } from '../../../src/cli/program.js'
import { gitTask } from '../../helpers/run-git-task.js'
import type { ProgramResult } from '../../helpers/run-program.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream } from '../../helpers/upstream.js'

/** Turns the direction of what follows round. */
const TURNED = 'agent/x\u202egnp'

let root = ''

function inRoot(...args: readonly string[]): Promise<ProgramResult> {
  return gitTask('--root', root, ...args)
}

beforeAll(async () => {
  root = await temporaryDirectory()
  const { url } = await createUpstream(join(root, 'upstream.git'))
  const branch = ['--branch', TURNED]
  expect(await inRoot('prepare', 'shop', 'task-1', '--source', url)).toMatchObject({ code: 0, stderr: '' })
  expect(await inRoot('prepare', 'shop', 'turned', '--source', url, ...branch)).toMatchObject({ code: 0 })
})

it('a task that there is not cannot be finished', async () => {
  for (const [env, task] of [
    ['shop', 'nowhere'],
    ['nowhere', 'task-1'],
  ] as const) {
    const answer = await inRoot('finish', env, task, 'succeeded', '--json')
    expect(answer).toMatchObject({ code: 1, stdout: '' })
    expect(JSON.parse(answer.stderr)).toMatchObject({ error: { code: 'WORKSPACE_MISSING' } })
  }
  expect(await inRoot('finish', 'shop', 'turned', 'failed')).toMatchObject({ code: 0, stderr: '' })
  expect((await inRoot('finish', 'shop', 'turned', 'succeeded')).stdout).toContain('outcome failed')
})

it.each([['list'], ['usage'], ['audit'], ['archives'], ['sweep', '--yes'], ['cleanup', '--all', '--yes']])(
  '%s of an environment that there is not says so',
  async (command, ...flags) => {
    const asked = await inRoot(command, 'nosuch', ...flags)
    expect(asked).toMatchObject({ code: 0, stderr: 'git-task: note: there is no environment nosuch\n' })
    expect(
      await inRoot(command, 'shop', ...(command === 'cleanup' ? [...flags, '--dry-run'] : flags)),
    ).toMatchObject({ code: 0, stderr: '' })
  },
)

it('a workspace that is there is handed out, and what else was asked for is told', async () => {
  const again = await inRoot('prepare', 'shop', 'task-1', '--base', 'other', '--agent', 'coder')
  expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Reused/) })
  expect(again.stderr.split('\n')).toEqual([
    'git-task: note: the workspace is there already and starts from "main", not from "other"',
    'git-task: note: the workspace is there already, and is not named after "coder": its branch is "agent/default/task-1"',
    '',
  ])
  const asIs = await inRoot('prepare', 'shop', 'task-1', '--base', 'refs/heads/main', '--json')
  expect(asIs).toMatchObject({ code: 0, stderr: '' })
  const { branch, env } = JSON.parse(asIs.stdout)
  expect([branch, env['AGENT_NAME']]).toEqual(['agent/default/task-1', 'coder'])
})

it('a record that cannot be read is told, beside the others', async () => {
  const file = join(root, 'managed-repos/shop/.git-task/sessions/torn.json')
  await writeFile(file, '{')
  const shown = await inRoot('list')
  expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('task-1') })
  expect(shown.stderr).toMatch(/^git-task: note: .*torn\.json.*\n.*git task doctor/)
  const listed = await inRoot('list', '--json')
  expect(JSON.parse(listed.stdout)).toHaveLength(2)
  const { warnings } = JSON.parse(listed.stderr)
  expect(warnings).toMatchObject([{ code: 'RECORD_CORRUPT', message: expect.stringContaining('torn.json') }])
  // With a failure it is one value as well.
  const failed = await inRoot('show', 'shop', 'nowhere', '--json')
  expect(JSON.parse(failed.stderr)).toMatchObject({ error: { code: 'WORKSPACE_MISSING' }, warnings })
  await rm(file)
})

it('a line that the audit log misses, and one that is torn in it, are told as everything else is', async () => {
  const log = join(root, 'managed-repos/lines/.git-task/audit.jsonl')
  await mkdir(log, { recursive: true })
  const prepared = await inRoot('prepare', 'lines', 'task-1', '--json')
  expect(JSON.parse(prepared.stderr)).toMatchObject({
    warnings: [{ code: 'PROCESS_WARNING', message: expect.stringMatching(/^the audit log misses a line/) }],
  })
  await rm(log, { recursive: true })
  await writeFile(log, '{"at":"20\n')
  expect((await inRoot('audit', 'lines')).stderr).toBe('git-task: a line is no event: {"at":"20\n')
  const torn = await inRoot('audit', 'lines', '--json')
  expect(JSON.parse(torn.stderr)).toMatchObject({ warnings: [{ code: 'LINE_UNREADABLE' }] })
})

it('a branch that is taken comes with the option that helps', async () => {
  const taken = ['prepare', 'shop', 'task-2', '--branch', 'agent/default/task-1']
  const source = ['--source', `file://${join(root, 'upstream.git')}`]
  const refused = await inRoot(...taken, ...source)
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('add --suffix') })
  const prepared = await inRoot(...taken, ...source, '--suffix', '--json')
  expect(JSON.parse(prepared.stdout)).toMatchObject({ branch: 'agent/default/task-1-2' })
})

it('what is offered while a line is typed turns nothing round', async () => {
  const offered = await candidates(buildProgram('json'), ['--root', root, 'show', 'shop', ''])
  expect(JSON.stringify(offered)).toContain('agent/x\\\\u202egnp')
  expect(JSON.stringify(offered)).not.toContain('\u202e')
})

it('one task that fails as nothing should stops no other that was said yes to', async () => {
  const manager = new WorkspaceManager({ root: join(root, 'listed') })
  for (const taskId of ['odd', 'sound']) await manager.prepare({ envId: 'shop', taskId })
  const listed = await listCleanups(manager, 'shop', {})
  const mistake = () => Promise.reject(new TypeError('x is no function'))
  const withMistake = listed.map(({ workspace, ...rest }) =>
    rest.session.taskId === 'odd' && workspace
      ? { ...rest, workspace: { ...workspace, cleanup: mistake } }
      : { ...rest, workspace },
  )
  expect(await cleanUpListed(manager, withMistake, {})).toMatchObject([
    { action: 'kept', reason: 'x is no function (UNEXPECTED)', error: 'UNEXPECTED' },
    { action: 'removed', key: { taskId: 'sound' } },
  ])
  await manager.close()
})
