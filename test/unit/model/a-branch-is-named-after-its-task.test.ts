import fc from 'fast-check'
import { isWorkspaceError, WorkspaceManager } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { assertBranchName } from '../../../src/git/ref-name.js'
import { expandBranchTemplate, suffixedBranch } from '../../../src/model/branch-template.js'
import { anyId } from './any-id.js'

const key = { envId: 'shop', taskId: 'task-42' }
const run = { ...key, runId: '7' }

test('the default names agent and task, and with a run the run', () => {
  expect(expandBranchTemplate(undefined, key, 'backend')).toBe('agent/backend/task-42')
  expect(expandBranchTemplate(undefined, run, 'backend')).toBe('agent/backend/run-7/task-task-42')
  expect(expandBranchTemplate(undefined, key, undefined)).toBe('agent/default/task-42')
})

test('a template of the caller may name every part, more than once', () => {
  const template = '{env}/{agent}/{run}/{task}-{task}'
  expect(expandBranchTemplate(template, run, 'backend')).toBe('shop/backend/7/task-42-task-42')
  expect(expandBranchTemplate(template, key, 'backend')).toBe('shop/backend/none/task-42-task-42')
})

test('a template without the run gets it, so that a retry has a branch of its own', () => {
  expect(expandBranchTemplate('work/{task}', run, undefined)).toBe('work/task-42-run-7')
  expect(expandBranchTemplate('work/{task}', key, undefined)).toBe('work/task-42')
})

test('what a part says is not read as a template again', () => {
  expect(expandBranchTemplate('{agent}/{task}', key, '{task}$&$1')).toBe('task-1/task-42')
})

test.each([
  ['Backend Engineer', 'Backend-Engineer'],
  ['back end: ~', 'back-end'],
  ['~~~', 'default'],
  ['a..b.lock', 'a.b'],
])('an agent called "%s" is "%s" in a branch', (agentName, part) => {
  const branch = expandBranchTemplate(undefined, key, agentName)
  expect(branch).toBe(`agent/${part}/task-42`)
  expect(() => assertBranchName(branch)).not.toThrow()
})

test('two tasks never share a branch', () => {
  const runs = fc.option(anyId, { nil: undefined })
  const templates = fc.constantFrom(undefined, 'work/{task}', '{env}-{run}-{agent}/{task}')
  fc.assert(
    fc.property(templates, anyId, anyId, runs, (template, one, other, runId) => {
      fc.pre(one !== other)
      const branch = (taskId: string) => expandBranchTemplate(template, { ...key, taskId, runId }, 'a')
      expect(branch(one)).not.toBe(branch(other))
    }),
  )
})

test('further names for one that is taken count up from 2', () => {
  expect([1, 2, 9].map((attempt) => suffixedBranch('work', attempt))).toEqual(['work-2', 'work-3', 'work-10'])
})

test.each(['work', '', 'work/{name}/{task}', '{task}/{', '{Task}'])(
  'the template %j is refused',
  (template) => {
    try {
      new WorkspaceManager({ root: '/nowhere', branchTemplate: template })
      expect.fail('it was accepted')
    } catch (error) {
      if (!isWorkspaceError(error)) throw error
      expect(error.toJSON()).toMatchObject({ code: 'OPTIONS_INVALID', data: { field: 'branchTemplate' } })
    }
  },
)
