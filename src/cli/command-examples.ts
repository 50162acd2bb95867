/** An example of each command, as a person would write it; the help, the manual page and docs/cli.md have them. */
export const commandExamples: Readonly<Record<string, readonly string[]>> = {
  prepare: [
    'git task prepare shop task-42 --source https://example.org/shop.git --agent backend',
    'git task prepare shop review-7 --source . --strategy worktree --base main',
  ],
  list: ['git task list', 'git task list shop --json'],
  show: ['git task show shop task-42'],
  env: ['eval "$(git task env shop task-42)"'],
  path: ['cd "$(git task path shop task-42 --work-dir)"', 'git task path shop'],
  refresh: ['git task refresh shop task-42', 'git task refresh shop task-42 --mode rebase'],
  finish: ['git task finish shop task-42 succeeded'],
  cleanup: ['git task cleanup shop task-42', 'git task cleanup shop --all --yes'],
  sweep: ['git task sweep --dry-run', 'git task sweep shop --max-age-days 3'],
  archives: ['git task archives shop'],
  restore: ['git task restore shop task-42', 'git task restore shop task-42 --as task-43'],
  usage: ['git task usage', 'git task usage shop --json'],
  audit: ['git task audit shop', 'git task audit shop --follow --json'],
  doctor: ['git task doctor', 'git task doctor --fix'],
  completion: ['eval "$(git-task completion bash)"', 'git-task completion fish | source'],
}

/** The part of a command's help that shows how it is written. */
export function examplesText(name: string): string {
  const examples = commandExamples[name] ?? []
  const lines = examples.map((example) => `  $ ${example}`)
  return lines.length === 0 ? '' : ['', examples.length === 1 ? 'Example:' : 'Examples:', ...lines].join('\n')
}
