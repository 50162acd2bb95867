import { execFile } from 'node:child_process'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { bundledOnce } from '../../helpers/child-program.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream } from '../../helpers/upstream.js'

const CHILD = join(import.meta.dirname, 'ask-every-verb-as-nobody.ts')

test.runIf(process.platform !== 'win32')('no verb rejects with an error of the system', async () => {
  const directory = await temporaryDirectory()
  await chmod(directory, 0o777)
  const upstream = await createUpstream(join(directory, 'upstream.git'))
  const args = [bundledOnce(CHILD), directory, upstream.url]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 120_000 })
  const answers: string[] = JSON.parse(stdout)
  expect(answers).toHaveLength(26)
  expect(answers.filter((answer) => !answer.endsWith(': OPTIONS_INVALID'))).toEqual([])
})
