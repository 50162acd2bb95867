import envPaths from 'env-paths'

/** Where workspaces live when nobody says: `GIT_TASK_ROOT`, else the platform's data directory. */
export function defaultRoot(env: NodeJS.ProcessEnv): string {
  return env['GIT_TASK_ROOT'] || envPaths('git-task', { suffix: '' }).data
}
