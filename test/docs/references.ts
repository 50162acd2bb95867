import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { repositoryRoot } from '../helpers/run-program.js'
import type { Document } from './documents.js'

/** A link of a document to another place in the repository. */
export interface Reference {
  readonly from: string
  /** Relative to the repository's root. */
  readonly file: string
  readonly anchor: string | undefined
}

/** The links of a document that do not leave the repository; those in code are none. */
export function referencesOf({ file, text }: Document): Reference[] {
  const targets = [...withoutCode(text).matchAll(/\]\((?<target>[^)\s]+)\)/g)]
  return targets.flatMap(({ groups }) => {
    const target = groups?.['target'] ?? ''
    if (/^[a-z]+:/.test(target)) return []
    const [path = '', anchor] = target.split('#')
    return [{ from: file, file: path === '' ? file : normalize(join(dirname(file), path)), anchor }]
  })
}

/** The anchors of a page, as GitHub makes them of its headings. */
export function anchorsOf(file: string): string[] {
  const text = withoutCode(readFileSync(join(repositoryRoot, file), 'utf8'), 'blocks')
  return [...text.matchAll(/^#+ (?<heading>.+)$/gm)].map(({ groups }) => anchorOf(groups?.['heading'] ?? ''))
}

function anchorOf(heading: string): string {
  const plain = heading.replace(/\]\([^)]*\)/g, '').toLowerCase()
  return plain.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-')
}

/** What is in backquotes within the lines of a text. */
export function codeSpans(text: string): string[] {
  const lines = withoutCode(text, 'blocks')
  return [...lines.matchAll(/`(?<code>[^`\n]+)`/g)].map(({ groups }) => groups?.['code'] ?? '')
}

function withoutCode(text: string, what: 'all' | 'blocks' = 'all'): string {
  const withoutBlocks = text.replace(/^ *```[\s\S]*?^ *```$/gm, '')
  return what === 'blocks' ? withoutBlocks : withoutBlocks.replace(/`[^`\n]+`/g, '')
}
