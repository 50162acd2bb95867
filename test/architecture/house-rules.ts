/**
 * The floors of `src/`, lowest first. A file imports lower floors and its own room, nothing else: two rooms
 * on one floor never meet. A name with `.ts` is a file directly in `src/`.
 */
export const FLOORS = [
  ['errors'],
  ['model'],
  ['fs'],
  ['git'],
  ['strategies', 'mirror', 'sessions', 'preservation', 'task-files', 'retention', 'events'],
  ['operations'],
  ['workspace.ts'],
  ['manager.ts'],
  ['workspace-manager.ts'],
  ['index.ts', 'testing.ts'],
  ['cli'],
] as const satisfies readonly (readonly string[])[]

/** Where a dependency may be imported: path prefixes below `src/`. A dependency without a home is a defect. */
export const SOLE_HOMES: Readonly<Record<string, readonly string[]>> = {
  'simple-git': ['git/'],
  'fs-extra': ['fs/'],
  'proper-lockfile': ['fs/locks.ts'],
  'signal-exit': ['git/'],
  zod: ['model/'],
  'env-paths': ['model/', 'fs/'],
  commander: ['cli/'],
  'pretty-ms': ['cli/'],
  'git-task-isolation': ['cli/'],
  vitest: ['testing.ts'],
  'node:child_process': ['git/', 'fs/'],
}

/** All that the program may use besides its own files and node's built-in modules. */
export const CLI_MAY_IMPORT = ['git-task-isolation', 'commander', 'pretty-ms']

/** Who may see the events room; everything below returns facts instead. */
export const EVENTS_MAY_BE_IMPORTED_BY = [
  'events/',
  'operations/',
  'manager.ts',
  'workspace-manager.ts',
  'index.ts',
]

/** The only files whose whole content is re-exports. */
export const BARRELS = ['src/index.ts', 'src/testing.ts']

/** A folder says what is in it; these say nothing. */
export const DRAWERS = ['utils', 'util', 'helpers', 'common', 'misc', 'shared', 'lib']

export const MAX_LINES = 250
