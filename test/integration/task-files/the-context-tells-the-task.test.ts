import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { agentGit, CHECKOUTS, failureOf, KEY, makeStage } from '../verbs/stage.js'

const context = {
  issueTitle: 'Add login',
  issueDescription: 'Users want in.\n\nWith a password.',
  acceptanceCriteria: ['tests pass', 'two lines\nof text'],
  contextRefs: ['docs/login.md'],
  workspaceContext: 'A monorepo.',
  agentSkills: ['typescript', 'sql'],
  files: { 'notes.md': 'a note\n', 'plans/first.md': 'a plan\n' },
}

const EXPECTED = `# Add login

## Description

Users want in.

With a password.

## Acceptance criteria

- [ ] tests pass
- [ ] two lines
  of text

## Context references

- docs/login.md

## Workspace context

A monorepo.

## Agent skills

- typescript
- sql
`

test.each(['clone', 'worktree', 'directory'])('in a %s, with all its sections', async (strategy) => {
  const { prepare } = await makeStage()
  const workspace = await prepare({ strategy, context })
  const folder = join(workspace.workDir, '.agent_context')
  expect(workspace.env['TASK_CONTEXT_DIR']).toBe(folder)
  expect(await readFile(join(folder, 'issue_context.md'), 'utf8')).toBe(EXPECTED)
  expect(await readFile(join(folder, 'notes.md'), 'utf8')).toBe('a note\n')
  expect(await readFile(join(folder, 'plans/first.md'), 'utf8')).toBe('a plan\n')
  expect((await stat(folder)).mode & 0o077).toBe(0)
})

test('without a context it has a title and nothing else', async () => {
  const { manager } = await makeStage()
  const { workDir } = await manager.prepare({ ...KEY })
  const folder = join(workDir, '.agent_context')
  expect((await readdir(folder)).sort()).toEqual(['.gitignore', 'issue_context.md'])
  expect(await readFile(join(folder, 'issue_context.md'), 'utf8')).toBe('# Task\n')
})

test.each(['../out.md', '/out.md', 'a/../../out.md', 'C:/out.md', ''])(
  'a context file named "%s" is refused before anything is made',
  async (name) => {
    const { manager, root } = await makeStage()
    const error = await failureOf(manager.prepare({ ...KEY, context: { files: { [name]: 'out' } } }))
    expect(['PATH_OUTSIDE_ROOT', 'OPTIONS_INVALID']).toContain(error.code)
    await expect(readdir(root)).rejects.toThrow('ENOENT')
  },
)

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test('git sees nothing of it, whatever git is asked', async () => {
    const { prepare } = await makeStage()
    const taskFiles = { 'client.json': {} }
    const workspace = await prepare({ strategy, context, taskFiles })
    expect(await agentGit(workspace, 'status', '--porcelain', '--untracked-files=all')).toBe('')
    await agentGit(workspace, 'add', '--all')
    await agentGit(workspace, 'add', '.')
    expect(await agentGit(workspace, 'diff', '--cached', '--name-only')).toBe('')
    await agentGit(workspace, 'stash', '--include-untracked', '--quiet')
    await agentGit(workspace, 'clean', '-fdq')
    expect(await readFile(join(workspace.workDir, '.agent_context/issue_context.md'), 'utf8')).toBe(EXPECTED)
  })

  test('a caller who brings an ignore file of his own does not make it visible', async () => {
    const { prepare } = await makeStage()
    const files = { '.gitignore': '# nothing\n', 'sub/.gitignore': '!*\n', 'sub/a.md': 'a\n' }
    const preparing = prepare({ strategy, context: { files } })
    const workspace = await preparing.catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'PATH_OUTSIDE_ROOT' })
      return undefined
    })
    if (workspace) expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
  })
})
