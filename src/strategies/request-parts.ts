import { InputError } from '../errors/workspace-error.js'
import type { CreateRequest, StrategyRepository } from './strategy.js'

/** The parts that a strategy with a repository cannot do without. */
export interface RepositoryParts {
  readonly repository: StrategyRepository
  readonly commit: string
}

/** @throws InputError SOURCE_INVALID where the request names no repository. */
export function repositoryParts(strategy: string, request: CreateRequest): RepositoryParts {
  const { repository, base } = request
  if (repository === undefined || base === undefined) {
    throw new InputError('SOURCE_INVALID', `the strategy "${strategy}" needs a source`, {
      data: { field: 'source', strategy },
      hint: 'Give the URL or path of a repository as `source`.',
    })
  }
  return { repository, commit: base.commit }
}
