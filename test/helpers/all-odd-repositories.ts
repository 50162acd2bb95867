import * as agentContext from './agent-context-repositories.js'
import * as odd from './odd-repositories.js'

/** Every odd repository that has a commit to check out, by name: `test.each(ODD_REPOSITORIES)`. */
export const ODD_REPOSITORIES: readonly (readonly [string, odd.RepositoryFactory])[] = [
  ['default branch not main', odd.defaultBranchNotMain],
  ['a tag and a branch of one name', odd.tagAndBranchOfOneName],
  ['odd file names', odd.oddFileNames],
  ['symlinks', odd.symlinks],
  ['executable bits', odd.executableBits],
  ['many files', odd.manyFiles],
  ['a shallow source', odd.shallowSource],
  ['SHA-256 objects', odd.sha256Objects],
  ['line endings', odd.lineEndings],
  ['submodules', odd.submodules],
  ['LFS pointers', odd.lfsPointers],
  ['a detached HEAD', odd.detachedHead],
  ['a tracked .agent_context folder', agentContext.agentContextFolder],
  ['a tracked .agent_context file', agentContext.agentContextFile],
  ['a tracked .agent_context symlink', agentContext.agentContextSymlink],
  ['a tracked symlink inside .agent_context', agentContext.agentContextInnerSymlink],
]
