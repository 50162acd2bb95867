import type { DoctorFinding } from 'git-task-isolation'
import { expect, it } from 'vitest'
import { findingsText } from '../../../src/cli/tables/findings-text.js'

const PROBLEM = { level: 'problem', message: 'something is amiss' } as const
const KEY = { envId: 'shop', taskId: 'task-1', runId: '2' } as const

function textOf(findings: readonly DoctorFinding[], root?: string): string {
  const problems = findings.filter(({ level, fixed }) => level === 'problem' && !fixed).length
  const report = { findings, problems, fixed: findings.filter(({ fixed }) => fixed).length }
  return findingsText(report, root, { columns: undefined, colour: 'off' })
}

it.each<[finding: DoctorFinding, command: string]>([
  [{ check: 'mirror', ...PROBLEM, remedy: 'fix', key: KEY }, 'git-task doctor --fix'],
  [{ check: 'owners', ...PROBLEM, remedy: 'sweep', key: { envId: 'shop' } }, 'git-task sweep shop'],
  [{ check: 'workspaces', ...PROBLEM, remedy: 'cleanup', key: KEY }, 'git-task cleanup shop task-1 --run 2'],
  [
    { check: 'mirror', ...PROBLEM, remedy: 'prepare', key: KEY },
    'git-task prepare shop <task> --source <url or path>',
  ],
  [
    { check: 'free-space', ...PROBLEM, remedy: 'free-space', path: '/srv' },
    'git-task sweep --max-age-days 1',
  ],
  [
    { check: 'permissions', ...PROBLEM, remedy: 'permit', path: '/srv/the root' },
    `chmod u+rwx '/srv/the root'`,
  ],
  [
    { check: 'permissions', ...PROBLEM, remedy: 'own', path: '/srv/root' },
    'sudo mkdir -p /srv/root && sudo chown -R "$(id -u)" /srv/root',
  ],
  [{ check: 'permissions', ...PROBLEM, remedy: 'look', path: '/srv/root' }, 'ls -ld /srv/root'],
  [
    { check: 'workspaces', ...PROBLEM, remedy: 'look', key: KEY, path: '/srv' },
    'git-task show shop task-1 --run 2',
  ],
  [
    { check: 'orphans', ...PROBLEM, remedy: 'sweep', key: KEY, path: '/srv' },
    'git-task sweep shop --max-age-days 0 --dry-run',
  ],
  [{ check: 'orphans', ...PROBLEM, remedy: 'move', path: '/srv/lost' }, 'mv /srv/lost <somewhere else>'],
  [
    { check: 'workspaces', ...PROBLEM, remedy: 'update', path: '/srv/new.json' },
    'npm install --global git-task-isolation@latest',
  ],
  [
    { check: 'owners', ...PROBLEM, remedy: 'finish', key: KEY },
    'git-task finish shop task-1 --run 2 <succeeded, failed or cancelled>',
  ],
  [{ check: 'owners', ...PROBLEM, remedy: 'finish', key: { envId: 'shop' } }, 'git-task list shop'],
  [{ check: 'git', ...PROBLEM, remedy: 'install' }, 'https://git-scm.com/downloads'],
])('%j', (finding, command) => {
  const [head, told, ...rest] = textOf([finding]).split('\n')
  expect(head).toMatch(new RegExp(`^problem {2}${finding.check} +`))
  expect(told?.trim()).toBe(command)
  expect(rest).toEqual(['', '1 problem is left.'])
})

it('names the root that was asked about, what was mended, and what could not be', () => {
  const path = '/srv/x\x1b[2J'
  const text = textOf(
    [
      { check: 'git', level: 'ok', message: 'git 2.39.5' },
      { check: 'mirror', ...PROBLEM, path, remedy: 'fix', fixed: true },
      { check: 'leftovers', ...PROBLEM, key: KEY, remedy: 'fix', error: 'EACCES' },
    ],
    "/srv/it's",
  )
  expect(text.split('\n')).toEqual([
    'ok       git          git 2.39.5',
    'fixed    mirror       something is amiss (/srv/x\\x1b[2J)',
    'failed   leftovers    shop task-1 --run 2: something is amiss',
    '                      EACCES',
    "                      git-task --root '/srv/it'\\''s' doctor --fix",
    '',
    '1 problem was put right. 1 problem is left.',
  ])
})
