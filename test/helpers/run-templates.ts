import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TEMPLATES } from './upstream-templates.js'

/** Set-up of a whole run: a folder for repositories that all workers copy from, removed at the run's end. */
export default function templatesOfTheRun(): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'gti-templates-'))
  process.env[TEMPLATES] = directory
  return () => rmSync(directory, { recursive: true, force: true })
}
