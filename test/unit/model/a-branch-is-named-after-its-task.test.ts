import fc from 'fast-check'
import { isWorkspaceError, managedRepoCheckoutPath, WorkspaceManager } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { assertBranchName } from '../../../src/git/ref-name.js'
import { expandBranchTemplate, suffixedBranch } from '../../../src/model/branch-template.js'
import { idProblem } from '../../../src/model/workspace-key.js'
import { branchesCollide } from '../../../src/sessions/collisions.js'
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

test('a task that is called like the folder of its run', () => {
  const task = { ...run, taskId: 'Run-7' }
  expect(expandBranchTemplate(undefined, task, 'backend')).toBe('agent/backend/Run-7@7')
})

test('a run that is called as what stands for none', () => {
  const none = { ...key, runId: 'None' }
  expect(expandBranchTemplate('{run}/{task}', none, undefined)).toBe('@None/task-42')
  expect(expandBranchTemplate('work/{task}', none, undefined)).toBe('work/task-42-run-None')
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

const long = 'x'.repeat(96)
const usable = fc.stringMatching(/^[a1N][aN1._-]{0,3}[a1N]$/).filter((id) => idProblem(id) === undefined)
const runId = fc.oneof(
  fc.constantFrom(undefined, 'none', 'None', '1', '2', 'a', 'A', long, long.toUpperCase(), 'run-1', 'none-1'),
  usable,
)

test('a retry never meets its predecessor, in path or branch', () => {
  const taskId = fc.oneof(
    fc.constantFrom('run-1', 'Run-2', 'run-none', 'run-A', `run-${long}`, 'none'),
    usable,
  )
  const templates = fc.constantFrom(
    undefined,
    'work/{task}',
    '{env}/{run}/{task}',
    '{run}{task}',
    '{task}/{run}',
  )
  const agents = fc.constantFrom(undefined, 'a', 'A', 'run-1')
  fc.assert(
    fc.property(taskId, runId, runId, templates, agents, (task, one, other, template, agent) => {
      fc.pre(one !== other)
      const branch = (run?: string) =>
        expandBranchTemplate(template, { envId: 'shop', taskId: task, runId: run }, agent)
      const path = (run?: string) => managedRepoCheckoutPath('/srv/agents', 'shop', task, run)
      for (const name of [branch(one), branch(other)]) expect(() => assertBranchName(name)).not.toThrow()
      expect(path(one)).not.toBe(path(other))
      expect(branch(one)).not.toBe(branch(other))
      // What differs only in case is another name, and the file system decides whether it is another place.
      if (one?.toLowerCase() === other?.toLowerCase()) return
      expect(path(one).toLowerCase()).not.toBe(path(other).toLowerCase())
      expect(branchesCollide(branch(one), branch(other))).toBe(false)
    }),
    { numRuns: 500 },
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
