import { count } from './number-format.js'

/** The probes and their series, by which targets find them. */

export const REUSE = {
  probe: 'a ready workspace, asked for again',
  again: 'prepare',
  reading: 'reading its record',
} as const

export const LOOK = {
  probe: (files: number) => `a workspace of ${count(files)} files that nobody has touched`,
  look: 'looking for unsaved work',
  status: 'git status',
} as const

export const USAGE = {
  probe: (workspaces: number, files: number) =>
    `disk usage of ${count(workspaces)} workspaces of ${count(files)} files`,
  usage: 'diskUsage()',
  du: 'du',
} as const

export const REMOVAL = {
  probe: (files: number) => `cleanup of ${count(files)} files that nobody has touched`,
  cleanup: 'cleanup',
  look: 'looking for unsaved work',
} as const
