import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TEMPLATES } from './upstream-templates.js'

/**
 * Set-up of a whole run: one folder that every temporary file of its tests and of their children lies in, with the
 * repositories in it that all workers copy from. It is removed at the run's end.
 */
export default function folderOfTheRun(): (() => void) | undefined {
  // Each project of the run asks for it.
  if (process.env[TEMPLATES] !== undefined) return undefined
  const directory = mkdtempSync(join(tmpdir(), 'gti-run-'))
  // Some tests act as another user, who has to get through it.
  chmodSync(directory, 0o711)
  const templates = join(directory, 'templates')
  mkdirSync(templates)
  process.env['TMPDIR'] = directory
  process.env[TEMPLATES] = templates
  return () => {
    const left = readdirSync(directory).filter((name) => name.startsWith('gti-test-'))
    rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
    if (left.length > 0) throw new Error(`tests left ${left.length} folders behind`)
  }
}
