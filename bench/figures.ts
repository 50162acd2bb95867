import { field, REFERENCE } from './contenders/field.js'
import type { Cell, ContenderRounds, Footprint, Load, Results } from './results.js'
import { median, ratioOf, type Spread } from './statistics.js'

/** Looks figures up in what was measured; undefined is what was not. */

export function cellOf(results: Results, files: number, tasks: number): Cell | undefined {
  return results.cells.find((cell) => cell.files === files && cell.tasks === tasks)
}

export function roundsOf(cell: Cell | undefined, contender: string): ContenderRounds | undefined {
  return cell?.contenders.find((rounds) => rounds.contender === contender)
}

export function ratioIn(
  cell: Cell | undefined,
  contender: string,
  reference: string = REFERENCE,
): Spread | undefined {
  return ratioOf(roundsOf(cell, contender)?.milliseconds ?? [], roundsOf(cell, reference)?.milliseconds ?? [])
}

/** How many tasks of ours failed in all cells and loads; undefined where there were none. */
export function failuresOfOurs(results: Results): number | undefined {
  const isOurs = ({ contender }: { readonly contender: string }) =>
    field.some(({ id, maker }) => id === contender && maker === 'ours')
  const inCells = results.cells.flatMap(({ contenders }) => contenders).filter(isOurs)
  const inLoads = results.loads.filter(isOurs).flatMap(({ runs }) => runs)
  const all = [...inCells, ...inLoads]
  return all.length === 0 ? undefined : all.reduce((sum, { failed }) => sum + failed, 0)
}

export function loadOf(results: Results, contender: string): Load | undefined {
  return results.loads.find((load) => load.contender === contender)
}

export function footprintOf(results: Results, contender: string, files: number): Footprint | undefined {
  return results.footprints.find(
    (footprint) => footprint.contender === contender && footprint.files === files,
  )
}

/** The median of what each run of a load has measured. */
export function loadFigure(
  load: Load | undefined,
  figure: (run: Load['runs'][number]) => number,
): number | undefined {
  return load && median(load.runs.map(figure))
}

export function seriesOf(results: Results, probe: string, name: string): readonly number[] | undefined {
  const found = results.probes.find((each) => each.probe === probe)
  return found?.series.find((series) => series.name === name)?.values
}
