import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { lineEndings } from '../../helpers/odd-repositories.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { agentGit, filesOf, filesOfPlainClone, GIT_STRATEGIES, prepareOn } from './odd-checkout.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

/** The user's own global configuration, as the orchestrator's process would find it. */
async function userSettings(autocrlf: string): Promise<void> {
  const file = join(await temporaryDirectory(), 'gitconfig')
  await writeFile(file, `[core]\n\tautocrlf = ${autocrlf}\n`)
  vi.stubEnv('GIT_CONFIG_GLOBAL', file)
}

describe.each(GIT_STRATEGIES)('%s', (strategy) => {
  test('attributes of the repository count', async () => {
    const { workspace } = await prepareOn(lineEndings, { strategy })
    const read = (name: string) => readFile(join(workspace.workDir, name), 'utf8')
    expect(await read('checked-out-with-crlf.win')).toBe('one\r\ntwo\r\n')
    expect(await read('checked-out-with-lf.unix')).toBe('one\ntwo\n')
    expect(await read('untouched.bin')).toBe('one\r\ntwo\r\n')
    expect(await read('no-attribute-crlf.txt')).toBe('one\r\ntwo\r\n')
  })

  test.each(['true', 'input', 'false'])('with core.autocrlf=%s of the user', async (autocrlf) => {
    await userSettings(autocrlf)
    const { upstream, workspace } = await prepareOn(lineEndings, { strategy })
    expect((await agentGit(workspace, 'config', 'core.autocrlf')).trim()).toBe(autocrlf)
    await agentGit(workspace, 'add', '-A')
    await agentGit(workspace, 'update-index', '--really-refresh')
    expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
    const plain = await filesOfPlainClone(upstream, '-c', `core.autocrlf=${autocrlf}`)
    expect(await filesOf(workspace)).toEqual(plain)
    await workspace.cleanup()
  })
})
