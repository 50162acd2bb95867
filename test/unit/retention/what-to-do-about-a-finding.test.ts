import { expect, test } from 'vitest'
import type { Activity, CheckoutNature, Finding } from '../../../src/retention/findings.js'
import { planFinding } from '../../../src/retention/plan-sweep.js'
import { ago, KEY, retention } from './found.js'

const path = '/somewhere'
const none: Activity = { kind: 'none' }
const newer: Activity = { kind: 'newer', path: 'workdir/a.ts' }
const unknown: Activity = { kind: 'unknown', problem: 'EACCES' }
const clone: CheckoutNature = { strategy: 'clone' }
const worktree: CheckoutNature = { strategy: 'worktree', gitDir: '/mirror.git', registration: 'task-1' }

const directory = { kind: 'orphan directory', path, key: KEY, nature: clone } as const
const registration = {
  kind: 'orphan registration',
  path,
  key: KEY,
  workDir: '/w',
  nature: worktree,
} as const
const archive = { kind: 'archive', path, key: KEY, archiveId: 'a' } as const
const leftover = { kind: 'leftover', path } as const
const keep = { action: 'keep' } as const
const look = { action: 'keep', attention: 'needed' } as const
const remove = { action: 'remove' } as const

const table: readonly [Finding, object][] = [
  [
    { kind: 'unreadable record', path, key: KEY, cause: 'corrupt' },
    { kind: 'workspace', key: KEY, ...look },
  ],
  [
    { kind: 'unreadable record', path, key: KEY, cause: 'newer format' },
    { kind: 'workspace', ...look },
  ],
  [
    { kind: 'unreadable record', path, key: KEY, cause: 'corrupt', of: 'archive' },
    { kind: 'archive', ...look },
  ],
  [
    { ...directory, content: 'checkout', activity: none },
    { kind: 'orphan-directory', key: KEY, ...remove },
  ],
  [{ ...directory, content: 'checkout', activity: newer }, look],
  [{ ...directory, content: 'checkout', activity: unknown }, look],
  [{ ...directory, content: 'checkout', activity: none, nature: undefined }, look],
  [{ ...directory, content: 'remains', activity: none }, look],
  [{ ...directory, content: 'artifacts', activity: none }, remove],
  [{ ...directory, content: 'artifacts', activity: newer }, keep],
  [{ ...directory, content: 'artifacts', activity: unknown }, look],
  [
    { ...registration, checkout: 'present', activity: none },
    { kind: 'orphan-registration', ...keep },
  ],
  [{ ...registration, checkout: 'present', activity: none, key: undefined }, look],
  [{ ...registration, checkout: 'absent', activity: none }, remove],
  [{ ...registration, checkout: 'absent', activity: none, key: undefined }, look],
  [{ ...registration, checkout: 'absent', activity: newer }, look],
  [{ ...registration, checkout: 'absent', activity: unknown }, look],
  [
    { ...archive, createdAt: ago(29) },
    { kind: 'archive', key: KEY, ...keep, reason: 'archived 29 days ago, and kept for 30 days' },
  ],
  [
    { ...archive, createdAt: ago(30) },
    { ...remove, reason: 'archived 30 days ago, older than 30 days' },
  ],
  [{ ...archive, createdAt: ago(-2) }, look],
  [{ ...archive, createdAt: 'someday' }, look],
  [
    { kind: 'trash', path, key: KEY },
    { kind: 'trash', key: KEY, ...remove },
  ],
  [{ kind: 'trash', path, key: KEY, record: 'unreadable' }, keep],
  [
    { ...leftover, what: 'lock', maker: 'dead' },
    { kind: 'temporary', ...remove },
  ],
  [{ ...leftover, what: 'index without a session', maker: 'dead', record: 'unreadable' }, keep],
  [{ ...leftover, what: 'temporary file', maker: 'unknown' }, look],
]

test.each(table)('%j', (finding, expected) => {
  const verdict = planFinding(finding, retention())
  expect(verdict).toMatchObject({ path, ...expected })
  if (!('attention' in expected)) expect(verdict.attention).toBeUndefined()
  expect(verdict.reason).toMatch(/^\S.{10,}/)
})
