import { InputError } from '../errors/workspace-error.js'
import { idProblem } from '../model/workspace-key.js'
import { catalogue } from './catalogue.js'
import type { Strategy } from './strategy.js'

/** Checks custom strategies as far as that can be done without calling them. @throws InputError OPTIONS_INVALID */
export function parseStrategies(value: unknown): readonly Strategy[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw invalid('strategies', 'it must be an array')
  const strategies = value.map((item: unknown, index) => parseStrategy(item, `strategies.${index}`))
  const names = strategies.map((strategy) => strategy.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index || name in catalogue)
  if (twice !== undefined) throw invalid('strategies', `the name "${twice}" is given twice or built in`)
  return strategies
}

function parseStrategy(value: unknown, field: string): Strategy {
  if (!isStrategy(value)) throw invalid(field, 'it needs a name, traits, create and remove')
  const problem = idProblem(value.name)
  if (problem !== undefined) throw invalid(`${field}.name`, problem)
  return value
}

function isStrategy(value: unknown): value is Strategy {
  if (typeof value !== 'object' || value === null) return false
  if (!('name' in value) || typeof value.name !== 'string') return false
  if (!('create' in value) || typeof value.create !== 'function') return false
  if (!('remove' in value) || typeof value.remove !== 'function') return false
  return 'traits' in value && hasTraits(value.traits)
}

function hasTraits(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const traits = new Map<string, unknown>(Object.entries(value))
  return ['ownsDirectory', 'usesRepository', 'sharesRefs'].every(
    (name) => typeof traits.get(name) === 'boolean',
  )
}

function invalid(field: string, problem: string): InputError {
  return new InputError('OPTIONS_INVALID', `manager options cannot be used: ${field}: ${problem}`, {
    data: { field },
  })
}
