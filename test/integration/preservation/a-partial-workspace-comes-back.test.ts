import { rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { agentCommits, agentGit, agentWrites, CHECKOUTS, KEY, makeStage } from '../verbs/stage.js'
import { stateOf } from './agent-state.js'

const CASES = [
  { filter: 'blob:none', mirror: 'there' },
  { filter: 'tree:0', mirror: 'gone' },
] as const

describe.each(CHECKOUTS)('a %s that was made with a filter', (strategy) => {
  it.each(CASES)('$filter comes back while its mirror is $mirror', async ({ filter, mirror }) => {
    const stage = await makeStage({}, { files: { 'README.md': 'first\n', 'src/app.ts': 'one\n' } })
    await stage.upstream.git('config', 'uploadpack.allowFilter', 'true')
    await stage.upstream.commit('main', { 'README.md': 'second\n' })
    const workspace = await stage.prepare({ strategy, filter })
    await agentCommits(workspace, 'committed.txt')
    await agentWrites(workspace, 'src/app.ts', 'changed\n')
    await agentWrites(workspace, 'untracked.txt')
    const before = await stateOf(workspace)
    expect(await stage.manager.cleanup(KEY)).toMatchObject({ action: 'removed', archive: {} })
    if (mirror === 'gone') await rm(stage.layout.mirrorDir, { recursive: true })

    const restored = await stage.manager.restore(KEY)
    expect(await stateOf(restored)).toEqual(before)
    expect(await agentGit(restored, 'log', '--format=%s', '-1')).toBe('Add committed.txt')
    // What the filter left out is still there for the asking.
    expect(await agentGit(restored, '-c', 'protocol.file.allow=always', 'show', 'HEAD~2:README.md')).toBe(
      'first',
    )
  })
})
