import { delimiter, join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { agentGit, CHECKOUTS, KEY, newManager } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test('every variable, for a task of a run', async () => {
    const { prepare } = await makeWarmStage()
    const workspace = await prepare({ strategy, runId: 'run-7', agentName: 'engineer' })
    expect(workspace.env).toEqual({
      TASK_WORKSPACE: workspace.workDir,
      TASK_ROOT: workspace.rootDir,
      TASK_ID: 'task-1',
      ENV_ID: 'shop',
      RUN_ID: 'run-7',
      TASK_BRANCH: 'agent/engineer/run-run-7/task-task-1',
      TASK_BASE_COMMIT: workspace.base?.commit,
      AGENT_NAME: 'engineer',
      TASK_STATE_DIR: workspace.stateDir,
      TASK_OUTPUT_DIR: workspace.outputDir,
      TASK_LOGS_DIR: workspace.logsDir,
      TASK_CONTEXT_DIR: join(workspace.workDir, '.agent_context'),
      GIT_CONFIG_GLOBAL: join(workspace.rootDir, '.gitconfig'),
      GIT_TERMINAL_PROMPT: '0',
      GIT_CEILING_DIRECTORIES: workspace.rootDir,
    })
    expect(await agentGit(workspace, 'symbolic-ref', '--short', 'HEAD')).toBe(workspace.env['TASK_BRANCH'])
  })

  test('the same from a later manager', async () => {
    const { prepare, root } = await makeWarmStage()
    const workspace = await prepare({ strategy, context: { issueTitle: 'Add login' } })
    const later = await newManager({ root }).get(KEY)
    expect(later?.env).toEqual(workspace.env)
  })

  test("the agent's git works in its workspace, although the orchestrator runs in a git hook", async () => {
    const { prepare, upstream } = await makeWarmStage()
    const hooks = { GIT_DIR: upstream.path, GIT_INDEX_FILE: join(upstream.path, 'index'), GIT_PREFIX: 'x/' }
    for (const [name, value] of Object.entries(hooks)) vi.stubEnv(name, value)
    vi.stubEnv('GIT_WORK_TREE', `${upstream.path}${delimiter}`)
    onTestFinished(() => void vi.unstubAllEnvs())
    const workspace = await prepare({ strategy })
    expect(await agentGit(workspace, 'rev-parse', '--show-toplevel')).toBe(workspace.workDir)
    expect(await workspace.git().revparse(['--show-toplevel'])).toBe(workspace.workDir)
    await workspace.cleanup()
  })
})

test('no variable without a value, where there is no run, branch or repository', async () => {
  const { manager } = await makeWarmStage()
  const { env } = await manager.prepare({ ...KEY })
  expect(Object.values(env).filter((value) => typeof value !== 'string' || value === '')).toEqual([])
  for (const name of ['RUN_ID', 'TASK_BRANCH', 'TASK_BASE_COMMIT']) expect(env).not.toHaveProperty(name)
})
