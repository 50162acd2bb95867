import { expect, test } from 'vitest'
import { optionsFromEnvironment } from '../../../src/model/environment-options.js'
import { parseManagerOptions, type RetentionPolicy } from '../../../src/model/options.js'
import { retentionOf } from '../../../src/retention/policy.js'
import { DAY_MS, NOW } from './found.js'

function resolve(manager: RetentionPolicy | undefined, call: RetentionPolicy = {}) {
  const options = manager === undefined ? {} : { retention: manager }
  const { retention } = parseManagerOptions(options, { root: '/root', parallelism: 2 })
  const { finishedMaxAgeMs, failedMaxAgeMs, archiveMaxAgeMs, maxTotalBytes } = retentionOf(
    retention,
    call,
    NOW,
  )
  return [finishedMaxAgeMs / DAY_MS, failedMaxAgeMs / DAY_MS, archiveMaxAgeMs / DAY_MS, maxTotalBytes]
}

test.each<[string, RetentionPolicy | undefined, RetentionPolicy, unknown[]]>([
  ['without a word', undefined, {}, [7, 7, 30, undefined]],
  ['failed ones are kept as long as others', { maxAgeDays: 2 }, {}, [2, 2, 30, undefined]],
  ['also where a call says how long', undefined, { maxAgeDays: 3 }, [3, 3, 30, undefined]],
  ['their own age stays', { failedMaxAgeDays: 20 }, { maxAgeDays: 3 }, [3, 20, 30, undefined]],
  ['a call has the last word', { failedMaxAgeDays: 20 }, { failedMaxAgeDays: 0.5 }, [7, 0.5, 30, undefined]],
  [
    'failed ones that are not kept are like others',
    { failedMaxAgeDays: 20, keepFailed: false },
    {},
    [7, 7, 30, undefined],
  ],
  ['keepFailed of a call', { failedMaxAgeDays: 20 }, { keepFailed: false }, [7, 7, 30, undefined]],
  ['the rest', { archiveMaxAgeDays: 1 }, { archiveMaxAgeDays: 0, maxTotalBytes: 5 }, [7, 7, 0, 5]],
])('%s', (_what, manager, call, expected) => {
  expect(resolve(manager, call)).toEqual(expected)
})

test('environment variables reach it', () => {
  const { retention } = optionsFromEnvironment({
    AGENTS_RUNNER_CLEANUP_AGE_DAYS: '3',
    AGENTS_RUNNER_KEEP_FAILED_TASKS: 'false',
    GIT_TASK_FAILED_AGE_DAYS: '9',
    GIT_TASK_ARCHIVE_AGE_DAYS: '11',
  })
  expect(resolve(retention)).toEqual([3, 3, 11, undefined])
  expect(resolve(retention, { keepFailed: true })).toEqual([3, 9, 11, undefined])
})
