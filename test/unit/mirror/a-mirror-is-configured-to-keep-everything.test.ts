import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeMirrorConfig } from '../../../src/mirror/mirror-config.js'
import { filterIn } from '../../../src/mirror/partial-mirror.js'
import { objectFormatIn } from '../../../src/model/object-format.js'
import { git } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

async function configured(originUrl: string) {
  const directory = join(await temporaryDirectory(), 'mirror.git')
  await git('/', 'init', '--quiet', '--bare', '--template=', directory)
  const probed = await git(directory, 'config', '--local', 'core.repositoryFormatVersion')
  await writeMirrorConfig(directory, originUrl)
  return { probed, get: (key: string) => git(directory, 'config', '--local', '--get-all', key) }
}

test('nothing is pruned, no hook runs, and branches of tasks are out of the reach of a fetch', async () => {
  const { get, probed } = await configured('https://example.org/shop.git')
  const expected: Record<string, string> = {
    'gc.auto': '0',
    'gc.pruneExpire': 'never',
    'gc.worktreePruneExpire': 'never',
    'maintenance.auto': 'false',
    'extensions.preciousObjects': 'true',
    'core.hooksPath': '/dev/null',
    'core.bare': 'true',
    'core.repositoryFormatVersion': probed,
    'fetch.unpackLimit': '1',
    'branch.autoSetupMerge': 'false',
    'remote.origin.url': 'https://example.org/shop.git',
    'remote.origin.fetch': '+refs/heads/*:refs/remotes/origin/*',
  }
  for (const [key, value] of Object.entries(expected)) expect([key, await get(key)]).toEqual([key, value])
})

test.each(['/a "quoted" \\ path', '/ leading and trailing ', '/with #hash; and $(echo) [x]', '/übergröße'])(
  'the origin %j arrives as it is',
  async (url) => {
    const { get } = await configured(url)
    expect(`${await get('remote.origin.url')}|`.trimEnd()).toBe(`${url.trimEnd()}|`)
  },
)

test('an agent holds nobody up with a million blank lines in it', () => {
  const text = '\n'.repeat(1_000_000)
  expect([filterIn(text), objectFormatIn(text)]).toEqual([undefined, 'sha1'])
})
