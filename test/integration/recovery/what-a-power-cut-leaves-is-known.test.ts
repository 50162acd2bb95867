import { existsSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import fse from 'fs-extra'
import { afterEach, expect, test, vi } from 'vitest'
import { WorkspaceManager } from '../../../src/workspace-manager.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream } from '../../helpers/upstream.js'

afterEach(() => {
  vi.restoreAllMocks()
})

interface Flush {
  /** The file's name without what makes a temporary name of it, or the folder's with a slash. */
  readonly name: string
  /** Of a session's record: its state, and whether the checkout was there when it came to the disk. */
  readonly state?: string
  readonly checkout?: boolean
}

// Linux tells which file a descriptor is.
test.runIf(process.platform === 'linux')(
  'a record is on the disk, with its entry in the folder, before the step that it stands for begins',
  async () => {
    const root = join(await temporaryDirectory(), 'root')
    const { url } = await createUpstream(join(root, '../upstream.git'))
    const flushes = watchFlushes(join(root, 'managed-repos/shop/tasks/task-42/workdir'))
    const manager = new WorkspaceManager({ root })
    const workspace = await manager.prepare({
      envId: 'shop',
      taskId: 'task-42',
      source: url,
      credentials: { token: 'secret', host: 'example.org' },
      context: { issueTitle: 'Add login' },
    })
    await workspace.finish('succeeded')
    await workspace.cleanup()
    await manager.close()

    const records = flushes.filter(({ state }) => state !== undefined)
    // The first record, `reserved`, is not among them: nothing is made on its word.
    expect(records.map(({ state, checkout }) => [state, checkout])).toEqual([
      ['preparing', false],
      ['ready', true],
      ['finished', true],
      ['removing', true],
    ])
    for (const record of records) expect(flushes[flushes.indexOf(record) + 1]).toEqual({ name: 'sessions/' })
    const names = flushes.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['environment.json', '.git-credentials']))
    expect(names).not.toContain('.gitconfig')
    expect(names).not.toContain('issue_context.md')
  },
)

function watchFlushes(checkout: string): Flush[] {
  const flushes: Flush[] = []
  const flush = fse.fsync
  vi.spyOn(fse, 'fsync').mockImplementation((descriptor: number) => {
    flushes.push(flushOf(readlinkSync(`/proc/self/fd/${descriptor}`), checkout))
    return flush(descriptor)
  })
  return flushes
}

function flushOf(path: string, checkout: string): Flush {
  if (statSync(path).isDirectory()) return { name: `${basename(path)}/` }
  const name = basename(path)
  if (basename(dirname(path)) !== 'sessions') return { name: name.replace(/^\.(.+)\.tmp-.*$/, '$1') }
  const { state } = JSON.parse(readFileSync(path, 'utf8'))
  return { name, state, checkout: existsSync(checkout) }
}
