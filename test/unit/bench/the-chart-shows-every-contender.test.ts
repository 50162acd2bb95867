import { expect, test } from 'vitest'
import { chart } from '../../../bench/chart.js'
import { contenderOf } from '../../../bench/contenders/field.js'
import { cell, measured } from './measured.js'

const cells = [
  cell(200, { 'worktree-add': [20], 'clone-url': [2_000], 'prepare-worktree': [10] }),
  { ...cell(200, { 'worktree-add': [20], 'prepare-clone': [5] }), tasks: 20 },
  { ...cell(200, { 'worktree-add': [20], 'clone-shared': [40] }), tasks: 200 },
]
const svg = chart(measured({ cells }))

const barOf = (id: string) => {
  const label = contenderOf(id).label.replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const match = svg
    .slice(svg.indexOf(`>${label}<`))
    .match(/<rect class="(.*?)" x="(.*?)" y=".*?" width="(.*?)"/)
  return { style: match?.[1], from: Number(match?.[2]), width: Number(match?.[3]) }
}

test('a bar goes from the reference to the left for the quicker and to the right for the slower', () => {
  const [reference, quicker, slower] = ['worktree-add', 'prepare-worktree', 'clone-url'].map(barOf)
  expect(reference?.width).toBe(2)
  expect((quicker?.from ?? 0) + (quicker?.width ?? 0)).toBeCloseTo((reference?.from ?? 0) + 2, 0)
  expect(slower?.from).toBeCloseTo(reference?.from ?? 0, 0)
})

test('a bar is as long as the logarithm of its ratio', () => {
  const length = (id: string) => barOf(id).width - 2
  expect(length('clone-url') / length('prepare-worktree')).toBeCloseTo(Math.log(100) / Math.log(2), 1)
})

test('ours have another colour', () => {
  expect(barOf('prepare-worktree').style).toBe('ours')
  expect(barOf('clone-url').style).toBe('by-hand')
})

test('each size has a panel with one task, and one with the most at once', () => {
  expect(svg).toContain('200 files, one task')
  expect(svg).toContain('200 files, 200 tasks at once')
  expect(svg).not.toContain('20 tasks at once<')
})

test('each bar tells its ratio and its time', () => {
  expect(svg).toContain('>100 × · 2,000 ms<')
})

test('no name of a contender is taken for a tag', () => {
  expect(svg).toContain('git clone &lt;url&gt;')
  expect(svg.match(/<(?!\/?(svg|style|title|text|rect|line)\b)/g)).toBeNull()
})

test('nothing measured is an empty chart', () => {
  expect(chart(measured())).toContain('</svg>')
  expect(chart(measured())).not.toMatch(/NaN|Infinity|<rect/)
  expect(svg).not.toMatch(/NaN|Infinity/)
})
