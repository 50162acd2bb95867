import { expect, test } from 'vitest'
import { parseRemoteHead } from '../../../src/mirror/remote-head.js'
import { isFullCommit } from '../../../src/mirror/resolve-base.js'
import { git } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream } from '../../helpers/upstream.js'

const OID = '3f786850e387550fdab836ed7e6dc881de23001b'

test.each([
  ['a branch', `ref: refs/heads/main\tHEAD\n${OID}\tHEAD\n`, { branch: 'main', commit: OID }],
  ['a branch with a slash', `ref: refs/heads/a/b\tHEAD\n${OID}\tHEAD\n`, { branch: 'a/b', commit: OID }],
  ['a detached HEAD', `${OID}\tHEAD\n`, { branch: undefined, commit: OID }],
  ['a branch without commits', 'ref: refs/heads/main\tHEAD\n', { branch: undefined, commit: undefined }],
  ['nothing', '', { branch: undefined, commit: undefined }],
  ['a long object name', `${OID}${'0'.repeat(24)}\tHEAD\n`, { commit: `${OID}${'0'.repeat(24)}` }],
  ['a branch that only ends like HEAD', `${OID}\trefs/heads/HEAD\n`, { commit: undefined }],
])('%s', (_what, output, expected) => {
  expect(parseRemoteHead(output)).toMatchObject(expected)
})

test('what the installed git prints is understood', async () => {
  const upstream = await createUpstream(await temporaryDirectory(), { defaultBranch: 'trunk/übung' })
  const output = await git(upstream.path, 'ls-remote', '--symref', '--', upstream.url, 'HEAD')
  expect(parseRemoteHead(output)).toEqual({ branch: 'trunk/übung', commit: await upstream.head() })
})

test('a full commit is one of 40 or 64 digits', () => {
  expect([OID, OID.toUpperCase(), 'a'.repeat(64)].every(isFullCommit)).toBe(true)
  expect(['', 'main', OID.slice(1), `${OID}0`, 'g'.repeat(40), `${OID}\n`].some(isFullCommit)).toBe(false)
})
