import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { auditLog } from '../../../src/events/audit-log.js'
import { environmentLayout } from '../../../src/model/layout.js'
import { bundleProgram } from '../../helpers/bundle-program.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

const at = '2026-01-01T00:00:00.000Z'
const key = { envId: 'shop', taskId: 'task', runId: '2' }

async function environment(): Promise<{ root: string; managerDir: string; auditFile: string }> {
  const root = await temporaryDirectory()
  const { managerDir, auditFile } = environmentLayout(root, 'shop')
  await mkdir(managerDir, { recursive: true })
  return { root, managerDir, auditFile }
}

/** Every line of every generation of the log. */
async function entries(managerDir: string): Promise<Record<string, unknown>[]> {
  const names = (await readdir(managerDir)).filter((name) => name.startsWith('audit.jsonl'))
  const texts = await Promise.all(names.map((name) => readFile(join(managerDir, name), 'utf8')))
  return texts.flatMap((text) => text.trimEnd().split('\n')).map((line) => JSON.parse(line))
}

describe('the audit log', () => {
  it('has the fields that audit tools look for', async () => {
    const { root, managerDir } = await environment()
    const event = {
      at,
      key,
      taskRunId: 't-1',
      workflowRunId: 'w-1',
      workDir: '/w',
      branch: 'agent/x',
      durationMs: 5,
    }
    auditLog({ root })('workspace.ready', event)
    const { pid, ...entry } = (await entries(managerDir))[0] ?? {}
    expect(pid).toBe(process.pid)
    expect(entry).toEqual({
      at,
      event: 'workspace.ready',
      env_id: 'shop',
      task_id: 'task',
      run_id: '2',
      task_run_id: 't-1',
      workflow_run_id: 'w-1',
      worktree_path: '/w',
      git_branch: 'agent/x',
      duration_ms: 5,
    })
  })

  it('keeps every line of four processes while it rotates', async () => {
    const { root, managerDir } = await environment()
    const module = join(import.meta.dirname, '../../../src/events/audit-log.ts')
    const script = `
      import { auditLog } from '${module}'
      const write = auditLog({ root: process.argv[2], maxBytes: 4000 })
      for (let n = 0; n < 200; n++)
        write('warning', { at: '${at}', key: { envId: 'shop' }, message: process.pid + ':' + n })`
    const file = join(root, 'writer.mts')
    await writeFile(file, script)
    const program = bundleProgram(file, root)
    const writers = Array.from({ length: 4 }, () =>
      spawn(process.execPath, [program, root], { stdio: 'inherit' }),
    )
    for (const [code] of await Promise.all(writers.map((writer) => once(writer, 'close'))))
      expect(code).toBe(0)
    const messages = (await entries(managerDir)).map((entry) => entry['message'])
    expect(new Set(messages).size).toBe(800)
    expect(messages).toHaveLength(800)
    expect((await readdir(managerDir)).length).toBeGreaterThan(10)
  })

  it('is not written through a link, and the work goes on', async () => {
    const { root, auditFile } = await environment()
    const victim = join(root, 'victim')
    await writeFile(victim, 'untouched')
    await symlink(victim, auditFile)
    auditLog({ root })('warning', { at, key })
    expect(await readFile(victim, 'utf8')).toBe('untouched')
  })

  it('says nothing where there is no environment', async () => {
    const root = await temporaryDirectory()
    auditLog({ root })('warning', { at, key })
    expect(await readdir(root)).toEqual([])
  })
})
