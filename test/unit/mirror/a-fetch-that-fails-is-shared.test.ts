import { describe, expect, test } from 'vitest'
import { GitError } from '../../../src/errors/workspace-error.js'
import { FetchFailures } from '../../../src/mirror/fetch-failures.js'

const MIRROR = '/root/mirror.git'
const [EARLY, FIRST, LATER] = ['10:00', '10:01', '10:02'].map((time) => new Date(`2030-01-01T${time}:00Z`))

/** A fetch that began at 10:01 and failed, then one that would succeed, for somebody who asked at another time. */
async function afterFailure(
  error: unknown,
  { askedAt = EARLY, token = 'one', mirrorDir = MIRROR, at = LATER } = {},
): Promise<unknown> {
  const failures = new FetchFailures()
  const asking = (dir: string, secret: string, now = FIRST) => {
    const url = 'https://example.org/shop.git'
    const network = { protocols: ['https'] as const, url, credentials: { token: secret } }
    return { mirrorDir: dir, access: { location: url, originUrl: url, network }, now: () => now as Date }
  }
  const failing = failures.share(asking(MIRROR, 'one'), FIRST as Date, () => Promise.reject(error))
  await expect(failing).rejects.toBe(error)
  const next = failures.share(asking(mirrorDir, token, at), askedAt as Date, () => Promise.resolve('fetched'))
  return next.catch((reason: unknown) => reason)
}

const down = (code: 'GIT_NETWORK' | 'GIT_AUTH' | 'GIT_TIMEOUT' | 'GIT_FAILED' | 'LIMIT_EXCEEDED') =>
  new GitError(code, 'no answer', { data: { source: 'shop' }, hint: 'Wait.' })

describe('whoever asked before a fetch began that failed', () => {
  test.each(['GIT_NETWORK', 'GIT_AUTH', 'GIT_TIMEOUT'] as const)(
    'is told of %s without a fetch',
    async (code) => {
      const error = down(code)
      const { message, data, hint, retryable } = error
      expect(await afterFailure(error)).toMatchObject({ code, message, data, hint, retryable, cause: error })
      expect(await afterFailure(error, { askedAt: FIRST })).toMatchObject({ cause: error })
    },
  )

  test.each<[string, unknown]>([
    ['git failed otherwise', down('GIT_FAILED')],
    ['it was too large for the other', down('LIMIT_EXCEEDED')],
    ['the other was stopped', new Error('stopped')],
  ])('fetches where %s', async (_what, error) => {
    expect(await afterFailure(error)).toBe('fetched')
  })
})

test.each([
  ['asks later', { askedAt: LATER }],
  ['has other credentials', { token: 'two' }],
  ['asks for another mirror', { mirrorDir: '/root/other.git' }],
  ['has a clock that was set back', { at: EARLY }],
])('whoever %s fetches', async (_who, other) => {
  expect(await afterFailure(down('GIT_NETWORK'), other)).toBe('fetched')
})
