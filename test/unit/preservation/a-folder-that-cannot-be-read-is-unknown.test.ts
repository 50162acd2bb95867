import { execFile } from 'node:child_process'
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { bundledOnce } from '../../helpers/child-program.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

const run = promisify(execFile)
const CHILD = join(import.meta.dirname, 'look-as-nobody.ts')

test.skipIf(process.platform === 'win32')('and the folders beside it are looked into', async () => {
  const tree = await temporaryDirectory()
  await mkdir(join(tree, 'closed/below'), { recursive: true })
  await mkdir(join(tree, 'open/.git'), { recursive: true })
  await chmod(tree, 0o755)
  await chmod(join(tree, 'closed'), 0o000)
  const { stdout } = await run(process.execPath, [bundledOnce(CHILD), tree])
  expect(JSON.parse(stdout)).toEqual({
    repositories: ['open'],
    unknown: ['the folder "closed" cannot be read'],
  })
})
