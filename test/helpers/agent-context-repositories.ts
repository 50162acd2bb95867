import { join } from 'node:path'
import { type Files, symlink } from './fast-import.js'
import type { RepositoryFactory } from './odd-repositories.js'
import { createUpstream } from './upstream.js'

/** The repository tracks `.agent_context/` as a folder with files of its own. */
export const agentContextFolder: RepositoryFactory = (directory) =>
  tracking(directory, {
    '.agent_context/issue_context.md': 'tracked by the repository\n',
    '.agent_context/own/notes.md': 'also tracked\n',
  })

/** The repository tracks a plain file of that name. */
export const agentContextFile: RepositoryFactory = (directory) =>
  tracking(directory, { '.agent_context': 'a tracked file\n' })

/** The repository tracks a symlink of that name that leads out of the checkout: a write through it escapes. */
export const agentContextSymlink: RepositoryFactory = (directory) =>
  tracking(directory, { '.agent_context': symlink(join(directory, 'outside')) })

/** The folder is real, but the file that would be written in it is a link that leads out. */
export const agentContextInnerSymlink: RepositoryFactory = (directory) =>
  tracking(directory, {
    '.agent_context/issue_context.md': symlink(join(directory, 'outside.md')),
    '.agent_context/.gitignore': symlink(join(directory, 'outside-ignore')),
  })

function tracking(directory: string, files: Files) {
  return createUpstream(join(directory, 'tracks-context.git'), {
    files: { 'README.md': '# Own\n', ...files },
  })
}
