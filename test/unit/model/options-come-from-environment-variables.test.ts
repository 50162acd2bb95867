import { isWorkspaceError, optionsFromEnvironment, WorkspaceManager } from 'git-task-isolation'
import { describe, expect, test } from 'vitest'

test('without variables there are no options, so that spreading overrides nothing', () => {
  expect(optionsFromEnvironment({})).toEqual({})
  expect(Object.keys(optionsFromEnvironment({ GIT_TASK_ROOT: '', GIT_TASK_CLEANUP_AGE_DAYS: '  ' }))).toEqual(
    [],
  )
})

test('every variable has its option', () => {
  const options = optionsFromEnvironment({
    GIT_TASK_ROOT: '/srv/agents',
    GIT_TASK_STRATEGY: 'worktree',
    GIT_TASK_BRANCH_TEMPLATE: 'work/{task}',
    GIT_TASK_ON_UNSAVED_WORK: 'refuse',
    GIT_TASK_LOCK_TIMEOUT_MS: '1000',
    GIT_TASK_GIT_TIMEOUT_MS: '2000',
    GIT_TASK_MAX_REPOSITORY_BYTES: '4000000000',
    GIT_TASK_MAX_FILES: '200000',
    GIT_TASK_CLEANUP_AGE_DAYS: '3',
    GIT_TASK_KEEP_FAILED_TASKS: 'no',
    GIT_TASK_FAILED_AGE_DAYS: '4',
    GIT_TASK_ARCHIVE_AGE_DAYS: '0.5',
    GIT_TASK_AUDIT_LOG: 'off',
  })
  expect(options).toEqual({
    root: '/srv/agents',
    strategy: 'worktree',
    branchTemplate: 'work/{task}',
    onUnsavedWork: 'refuse',
    lockTimeoutMs: 1000,
    gitTimeoutMs: 2000,
    maxRepositoryBytes: 4_000_000_000,
    maxFiles: 200_000,
    retention: { maxAgeDays: 3, keepFailed: false, failedMaxAgeDays: 4, archiveMaxAgeDays: 0.5 },
    auditLog: false,
  })
  expect(new WorkspaceManager(options).root).toBe('/srv/agents')
})

describe('the variables of the desktop agent runner', () => {
  test('count where the own ones are absent', () => {
    const env = { AGENTS_RUNNER_CLEANUP_AGE_DAYS: '14', AGENTS_RUNNER_KEEP_FAILED_TASKS: '1' }
    expect(optionsFromEnvironment(env)).toEqual({ retention: { maxAgeDays: 14, keepFailed: true } })
  })

  test('give way to the own ones', () => {
    const env = {
      AGENTS_RUNNER_CLEANUP_AGE_DAYS: '14',
      GIT_TASK_CLEANUP_AGE_DAYS: '2',
      AGENTS_RUNNER_KEEP_FAILED_TASKS: 'true',
      GIT_TASK_KEEP_FAILED_TASKS: 'false',
    }
    expect(optionsFromEnvironment(env)).toEqual({ retention: { maxAgeDays: 2, keepFailed: false } })
  })
})

test.each([
  ...['1', 'true', 'TRUE', 'yes', 'on', ' on '].map((value) => [value, true] as const),
  ...['0', 'false', 'No', 'off'].map((value) => [value, false] as const),
])('the switch %j is %s', (value, expected) => {
  expect(optionsFromEnvironment({ GIT_TASK_AUDIT_LOG: value })).toEqual({ auditLog: expected })
})

test.each([
  ['GIT_TASK_CLEANUP_AGE_DAYS', 'seven'],
  ['AGENTS_RUNNER_CLEANUP_AGE_DAYS', '-1'],
  ['GIT_TASK_LOCK_TIMEOUT_MS', 'Infinity'],
  ['GIT_TASK_LOCK_TIMEOUT_MS', '10s'],
  ['GIT_TASK_LOCK_TIMEOUT_MS', '0'],
  ['GIT_TASK_GIT_TIMEOUT_MS', '1.5'],
  ['GIT_TASK_MAX_FILES', '0'],
  ['GIT_TASK_MAX_REPOSITORY_BYTES', '1G'],
  ['GIT_TASK_KEEP_FAILED_TASKS', 'maybe'],
  ['AGENTS_RUNNER_KEEP_FAILED_TASKS', '2'],
  ['GIT_TASK_AUDIT_LOG', 'enabled'],
  ['GIT_TASK_ON_UNSAVED_WORK', 'Archive'],
])('%s=%s is refused by the name of the variable', (name, value) => {
  try {
    optionsFromEnvironment({ [name]: value })
    expect.fail('it was accepted')
  } catch (error) {
    if (!isWorkspaceError(error)) throw error
    expect(error.toJSON()).toMatchObject({ code: 'OPTIONS_INVALID', data: { field: name } })
    expect(error.message).toContain(name)
  }
})

test('the environment of the process is the default', () => {
  process.env['GIT_TASK_STRATEGY'] = 'directory'
  try {
    expect(optionsFromEnvironment()).toMatchObject({ strategy: 'directory' })
  } finally {
    delete process.env['GIT_TASK_STRATEGY']
  }
})
