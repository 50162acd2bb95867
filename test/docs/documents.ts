import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '../helpers/run-program.js'
import { type CodeBlock, codeBlocks } from './code-blocks.js'

export interface Document {
  /** Relative to the repository's root. */
  readonly file: string
  readonly text: string
  readonly blocks: readonly CodeBlock[]
}

// What is generated from comments in the code: its examples are run where they are written.
const GENERATED = /^docs\/api\//

/** Everything that people read. */
export function documents(): Document[] {
  const docs = readdirSync(join(repositoryRoot, 'docs'), { recursive: true, encoding: 'utf8' })
  const files = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'examples/README.md']
  const pages = docs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)
  return [...files, ...pages.sort()].filter((file) => !GENERATED.test(file)).map(readDocument)
}

function readDocument(file: string): Document {
  const text = readFileSync(join(repositoryRoot, file), 'utf8')
  return { file, text, blocks: codeBlocks(file, text) }
}
