import { afterEach, expect, test, vi } from 'vitest'
import { WorkspaceManager } from '../../../src/index.js'
import { parseSource } from '../../../src/model/source.js'

afterEach(() => void vi.restoreAllMocks())

test('a root and a source that are relative are refused from a folder that is gone, and absolute ones are not', () => {
  const gone = Object.assign(new Error('no such file'), { code: 'ENOENT', syscall: 'uv_cwd' })
  vi.spyOn(process, 'cwd').mockImplementation(() => {
    throw gone
  })
  const refusal = (code: string) =>
    expect.objectContaining({ code, message: expect.stringMatching(/is gone/) })
  expect(() => new WorkspaceManager({ root: 'agents' })).toThrow(refusal('OPTIONS_INVALID'))
  expect(() => parseSource('./shop')).toThrow(refusal('SOURCE_INVALID'))
  expect(new WorkspaceManager({ root: '/srv/agents' }).root).toBe('/srv/agents')
  expect(parseSource('/srv/shop')).toMatchObject({ path: '/srv/shop' })
})
