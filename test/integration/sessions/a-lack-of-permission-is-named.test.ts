import { execFile } from 'node:child_process'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { bundledOnce } from '../../helpers/child-program.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

const CHILD = join(import.meta.dirname, 'sweep-as-nobody.ts')

test.runIf(process.platform !== 'win32')(
  'by a cleanup and a list as an error of ours, by a sweep as one decision',
  async () => {
    const directory = await temporaryDirectory()
    await chmod(directory, 0o777)
    const args = [bundledOnce(CHILD), directory]
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 })
    const { cleanup, decisions, list, after } = JSON.parse(stdout)
    expect(cleanup).toBe('OPTIONS_INVALID')
    expect(list).toBe('OPTIONS_INVALID')
    expect(decisions).toMatchObject([
      {
        path: join(directory, 'root', 'managed-repos', 'shop'),
        action: 'keep',
        attention: 'needed',
        error: expect.stringMatching(/EACCES.*sessions/),
      },
    ])
    expect(after).toBe('removed')
  },
)
