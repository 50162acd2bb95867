// Looks for repositories in a tree without the superuser's privileges, and prints what was found.
//
//   node --import tsx look-as-nobody.ts <tree>

import { findNested } from '../../../src/preservation/look-nested.js'

const [, , workDir = ''] = process.argv
const look = {
  agent: { gitDir: '', commonDir: '' },
  workDir,
  head: undefined,
  objectFormat: 'sha1',
  scratchDir: '',
} as const
const nothing = {
  staged: [],
  unstaged: [],
  untracked: [],
  ignored: [],
  repositories: [],
  submodules: new Map(),
}
process.seteuid?.(65_534)
console.log(JSON.stringify(await findNested(look, nothing)))
