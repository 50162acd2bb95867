import { apiPages } from './api-pages.js'
import { errorsPage } from './errors-page.js'
import { eventsPage } from './events-page.js'
import { surfacePage } from './surface-page.js'

export interface Pages {
  /** By their path in the repository. */
  readonly pages: Readonly<Record<string, string>>
  /** What typedoc complains of. */
  readonly warnings: readonly string[]
}

/** Every page that is generated from the code; the package has to be built. */
export async function generatedPages(): Promise<Pages> {
  const { pages, warnings } = await apiPages()
  const own = {
    'docs/events.md': eventsPage(),
    'docs/errors.md': errorsPage(),
    'docs/api/declarations.md': surfacePage(),
  }
  return { pages: { ...own, ...pages }, warnings }
}
