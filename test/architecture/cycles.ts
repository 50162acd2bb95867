import { internalImports } from './rules.js'
import type { SourceModule } from './source-module.js'

/** Every import cycle that a depth-first walk meets, each as `a.ts → b.ts → a.ts`. */
export function noCycles(modules: readonly SourceModule[]): string[] {
  const graph = new Map(modules.map((module) => [module.path, internalImports(module)]))
  const done = new Set<string>()
  return modules.flatMap(({ path }) => cyclesFrom(path, [], graph, done))
}

function cyclesFrom(
  path: string,
  trail: readonly string[],
  graph: ReadonlyMap<string, readonly string[]>,
  done: Set<string>,
): string[] {
  const start = trail.indexOf(path)
  if (start !== -1) return [[...trail.slice(start), path].join(' → ')]
  if (done.has(path)) return []
  const targets = graph.get(path) ?? []
  const found = targets.flatMap((target) => cyclesFrom(target, [...trail, path], graph, done))
  done.add(path)
  return found
}
