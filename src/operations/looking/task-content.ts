import { namesIn } from '../../fs/presence.js'

/**
 * What a folder in the place of a task holds. Undefined where it does not look like one of ours: an old shared
 * checkout may have a folder `tasks` of its own.
 */
export async function taskContent(path: string): Promise<'checkout' | 'artifacts' | undefined> {
  const names = await namesIn(path)
  if (names.includes('workdir')) return 'checkout'
  return names.includes('output') && names.includes('logs') ? 'artifacts' : undefined
}
