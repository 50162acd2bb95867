import { chmod, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { agentWrites, KEY } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

const UMASKS = [
  { strategy: 'clone', archived: 0o077, restored: 0o022 },
  { strategy: 'worktree', archived: 0o022, restored: 0o077 },
  { strategy: 'worktree', archived: 0o022, restored: 0o022 },
] as const

function setUmask(umask: number): void {
  const before = process.umask(umask)
  onTestFinished(() => void process.umask(before))
}

it.each(UMASKS)(
  'a $strategy archived under $archived comes back the same under $restored',
  async ({ strategy, archived, restored }) => {
    setUmask(archived)
    const stage = await makeWarmStage(
      {},
      { files: { 'README.md': 'one\n', 'src/app.ts': 'two\n', 'src/lib.ts': '3\n' } },
    )
    const workspace = await stage.prepare({ strategy })
    const { workDir } = workspace
    const at = (name: string) => join(workDir, name)
    await agentWrites(workspace, 'secret.txt')
    await chmod(at('src/lib.ts'), 0o640)
    await chmod(at('src'), 0o750)
    await chmod(workDir, 0o2710)
    const before = await snapshotTree(workDir, { ignore: ['.git', '.agent_context'] })
    await stage.manager.cleanup(KEY)
    setUmask(restored)
    const again = await stage.manager.restore(KEY)
    expect(await snapshotTree(again.workDir, { ignore: ['.git', '.agent_context'] })).toEqual(before)
    expect((await stat(again.workDir)).mode & 0o7777).toBe(0o2710)
  },
)
