import { beforeAll, expect, test } from 'vitest'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream, type Upstream } from '../../helpers/upstream.js'
import { refusedRequest } from './refusal.js'

const REFS = [
  '-x',
  '--upload-pack=id',
  'a..b',
  'a b',
  '@{',
  'main@{1}',
  'x.lock',
  'x.lock/y',
  '.x',
  'x/',
  '/x',
  'x//y',
  'x.',
  'x~1',
  'x^',
  'x:y',
  'x?',
  'x*',
  'x[',
  'x\\y',
  'x\ny',
  'x\0y',
  '',
  'x'.repeat(2_000),
] as const

const STRATEGIES = ['clone', 'worktree'] as const
const CASES = REFS.flatMap((ref) => STRATEGIES.map((strategy) => [ref, strategy] as const))

let upstream: Upstream

beforeAll(async () => {
  upstream = await createUpstream(await temporaryDirectory())
})

const request = (options: object) => ({ envId: 'shop', taskId: 'task', source: upstream.url, ...options })

test.concurrent.each(CASES)('the branch %j for %s', async (branch, strategy) => {
  const error = await refusedRequest(request({ branch, strategy }))
  expect(error.code).toBe('REF_INVALID')
})

test.concurrent.each(CASES)('the base %j for %s', async (baseRef, strategy) => {
  const error = await refusedRequest(request({ baseRef, strategy }))
  expect(error.code).toBe('REF_INVALID')
})

test.each([{ branch: 'HEAD' }, { baseRef: '+main' }, { baseRef: '@' }])('%j', async (options) => {
  expect((await refusedRequest(request(options))).code).toBe('REF_INVALID')
})

test.each([{ branch: true }, { branch: 5 }, { baseRef: 5 }, { baseRef: false }])(
  'the wrong type %j',
  async (options) => {
    expect((await refusedRequest(request(options))).code).toBe('REF_INVALID')
  },
)
