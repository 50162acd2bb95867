import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { agentWrites, CHECKOUTS, KEY } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { UPSTREAM_FILES } from './agent-state.js'

const IGNORED = ['build/deep/out.o', 'build/notes.md', 'trace.log'] as const

describe.each(CHECKOUTS)('of a %s', (strategy) => {
  it.each([
    { asked: true, back: IGNORED, warned: [] },
    { asked: ['build/**/*.o', '*.log'], back: ['build/deep/out.o', 'trace.log'], warned: [] },
    { asked: ['*.zip', 'dist/**'], back: [], warned: ['NOTHING_INCLUDED'] },
  ] as const)('$asked brings back $back', async ({ asked, back, warned }) => {
    const stage = await makeWarmStage({}, { files: UPSTREAM_FILES })
    const { workDir, ...workspace } = await stage.prepare({ strategy })
    await mkdir(join(workDir, 'build/deep'), { recursive: true })
    for (const name of [...IGNORED, 'untracked.txt']) await agentWrites({ workDir, ...workspace }, name)
    const codes: string[] = []
    stage.manager.on('warning', ({ code }) => codes.push(code))
    await stage.manager.cleanup(KEY, { includeIgnored: asked })

    expect(codes).toEqual(warned)
    const restored = Object.keys(await snapshotTree((await stage.manager.restore(KEY)).workDir))
    expect(restored).toContain('untracked.txt')
    expect(restored.filter((path) => IGNORED.some((name) => name === path))).toEqual([...back].sort())
  })
})
