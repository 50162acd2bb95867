import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isPresent } from '../../../src/fs/presence.js'
import { directoryStrategy } from '../../../src/strategies/directory.js'
import { localStrategy } from '../../../src/strategies/local.js'
import type { CreateRequest } from '../../../src/strategies/strategy.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { failureOf } from '../verbs/stage.js'

test.each([directoryStrategy(), localStrategy()])('a create of "$name"', async (strategy) => {
  const directory = await temporaryDirectory()
  const workDir = join(directory, 'workdir')
  const request: Partial<CreateRequest> = { workDir, sourcePath: directory, signal: AbortSignal.abort() }
  const { code } = await failureOf(strategy.create(request as CreateRequest))
  expect(code).toBe('ABORTED')
  expect(await isPresent(workDir)).toBe(false)
})
