import { existsSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import fse from 'fs-extra'
import { afterEach, expect, test, vi } from 'vitest'
import { takeInObjects } from '../../../src/preservation/archive-base.js'
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

test.runIf(process.platform === 'linux')(
  'an object that an archive takes in by a hard link is on the disk before, whoever wrote it',
  async () => {
    const [from, to] = [join(await temporaryDirectory(), 'from'), join(await temporaryDirectory(), 'to')]
    const files = ['pack/pack-1.pack', 'pack/pack-1.idx', `ab/${'0'.repeat(38)}`]
    for (const file of files) await fse.outputFile(join(from, file), file)
    await fse.ensureDir(join(to, 'pack'))
    const prototype: FileHandle = Object.getPrototypeOf(await open(from).then(closed))
    const sync = prototype.sync
    const flushed: string[] = []
    vi.spyOn(prototype, 'sync').mockImplementation(function (this: FileHandle) {
      const path = readlinkSync(`/proc/self/fd/${this.fd}`)
      flushed.push(existsSync(path.replace(from, to)) && !path.startsWith(to) ? 'too late' : path)
      return sync.call(this)
    })
    await takeInObjects(from, to)
    expect(flushed).toEqual([
      ...[files[0], files[1]].map((file) => join(from, file ?? '')),
      join(to, 'pack'),
      join(from, files[2] ?? ''),
      join(to, 'ab'),
    ])
  },
)

async function closed(file: FileHandle): Promise<FileHandle> {
  await file.close()
  return file
}

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
