import { expect, test } from 'vitest'
import { contextFiles, renderIssueContext } from '../../../src/task-files/issue-context.js'

test('what the caller left out is left out', () => {
  expect(renderIssueContext({})).toBe('# Task\n')
  expect(renderIssueContext({ issueTitle: ' Fix it ' })).toBe('# Fix it\n')
  const blank = { issueTitle: ' ', issueDescription: ' \n', acceptanceCriteria: [], contextRefs: [] }
  expect(renderIssueContext({ ...blank, workspaceContext: '', agentSkills: [] })).toBe('# Task\n')
})

test('acceptance criteria are a checklist, and long ones stay one item', () => {
  const text = renderIssueContext({ acceptanceCriteria: ['one', 'two\nmore of two\n\nstill two', ' three '] })
  expect(text).toBe(
    '# Task\n\n## Acceptance criteria\n\n- [ ] one\n- [ ] two\n  more of two\n  \n  still two\n- [ ] three\n',
  )
})

test('skills are a text or a list', () => {
  expect(renderIssueContext({ agentSkills: 'Read the docs.' })).toContain(
    '## Agent skills\n\nRead the docs.\n',
  )
  expect(renderIssueContext({ agentSkills: ['sql', 'css'] })).toContain('## Agent skills\n\n- sql\n- css\n')
})

test('the sections stand in the order in which a task is read', () => {
  const text = renderIssueContext({
    agentSkills: 'x',
    workspaceContext: 'x',
    contextRefs: ['x'],
    acceptanceCriteria: ['x'],
    issueDescription: 'x',
  })
  const titles = text.split('\n').filter((line) => line.startsWith('## '))
  const expected = [
    'Description',
    'Acceptance criteria',
    'Context references',
    'Workspace context',
    'Agent skills',
  ]
  expect(titles).toEqual(expected.map((title) => `## ${title}`))
})

test('the folder hides itself, and holds what the caller adds', () => {
  const files = contextFiles({ files: { 'deep/a.md': 'a' } })
  expect([...files.keys()].sort()).toEqual(['.gitignore', 'deep/a.md', 'issue_context.md'])
  expect(files.get('.gitignore')).toBe('*\n')
})
