import { InputError } from '../errors/workspace-error.js'
import type { Strategy } from '../strategies/strategy.js'
import type { Services } from './services.js'

/** @throws InputError STRATEGY_UNKNOWN listing those that there are. */
export function findStrategy(services: Services, name: string): Strategy {
  const strategy = services.strategies.get(name)
  if (strategy) return strategy
  throw new InputError('STRATEGY_UNKNOWN', `there is no strategy "${name}"`, {
    data: { field: 'strategy', strategy: name, known: [...services.strategies.keys()] },
  })
}
