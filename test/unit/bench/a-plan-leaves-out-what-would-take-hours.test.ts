import { expect, test } from 'vitest'
import { parseArguments } from '../../../bench/arguments.js'
import { type Plan, planRun } from '../../../bench/plan.js'

function planFor(...args: string[]): Plan {
  const parsed = parseArguments(args)
  if (parsed === 'help') throw new Error('no plan was asked for')
  return planRun(parsed.plan)
}

const cellsOf = ({ cells }: Plan) => cells.map(({ files, tasks }) => `${files} × ${tasks}`)

const contendersOf = ({ cells }: Plan, files: number, tasks: number) =>
  cells.find((cell) => cell.files === files && cell.tasks === tasks)?.contenders

test('a full run measures up to a hundred thousand files at once', () => {
  expect(cellsOf(planFor())).toEqual([
    '200 × 1',
    '200 × 20',
    '200 × 200',
    '5000 × 1',
    '5000 × 20',
    '50000 × 1',
  ])
})

test('how many files are too many can be chosen, and one task is never too many', () => {
  expect(cellsOf(planFor('--most-files', '4000'))).toEqual(['200 × 1', '200 × 20', '5000 × 1', '50000 × 1'])
})

test('a quick run has two sizes and fewer rounds', () => {
  const [quick, full] = [planFor('--quick'), planFor()]
  expect(cellsOf(quick)).toEqual(['200 × 1', '200 × 20', '5000 × 1'])
  const rounds = ({ cells }: Plan) => cells.reduce((sum, cell) => sum + cell.rounds, 0)
  expect(rounds(quick)).toBeLessThan(rounds(full) / 2)
  expect([quick.probeWorkspaces, full.probeWorkspaces]).toEqual([50, 500])
})

test('where there are very many files, only the quick contenders take part', () => {
  expect(planFor('--files', '5000').probeWorkspaces).toBe(20)
  const plan = planFor('--most-files', '1000000')
  expect(contendersOf(plan, 5_000, 20)).toContain('clone-url')
  expect(contendersOf(plan, 5_000, 200)).not.toContain('clone-url')
  expect(contendersOf(plan, 5_000, 200)).toEqual(
    expect.arrayContaining(['worktree-add', 'clone-shared', 'prepare-clone', 'prepare-worktree']),
  )
})

test('a lock makes no difference to one task', () => {
  expect(contendersOf(planFor(), 200, 1)).not.toContain('worktree-add-locked')
  expect(contendersOf(planFor(), 200, 20)).toContain('worktree-add-locked')
})

test('sizes, tasks, contenders, rounds and parts can be chosen', () => {
  const plan = planFor(
    ...['--files', '300', '--tasks', '3', '--contenders', 'clone-url,worktree-add'],
    ...['--rounds', '2', '--parts', 'rounds'],
  )
  expect(plan.cells).toMatchObject([
    { files: 300, tasks: 3, contenders: ['clone-url', 'worktree-add'], rounds: 2 },
  ])
  expect([plan.loads, plan.footprints, plan.probeRepeats]).toEqual([[], [], 0])
})

test.each([
  ['--files', '0'],
  ['--tasks', 'many'],
  ['--rounds', '1.5'],
  ['--contenders', 'nobody'],
  ['--parts', 'nothing'],
  ['--unknown', 'x'],
])('%s %s is refused', (...args) => {
  expect(() => planFor(...args)).toThrow(args[0] === '--unknown' ? /unknown/i : args[1])
})

test('only a run without options writes the documents', () => {
  expect(parseArguments([])).toMatchObject({ docs: 'docs', command: 'npm run bench' })
  expect(parseArguments(['--quick'])).toMatchObject({ docs: undefined, command: 'npm run bench -- --quick' })
})
