import { join } from 'node:path'
import { environmentLayout } from '../../model/layout.js'
import { sessionName, type WorkspaceKey } from '../../model/workspace-key.js'
import type { Services } from '../services.js'

/** Where the manager keeps its own copy of a checkout's index. */
export function indexFileOf(services: Services, key: WorkspaceKey): string {
  return join(environmentLayout(services.settings.root, key.envId).indexesDir, `${sessionName(key)}.index`)
}
