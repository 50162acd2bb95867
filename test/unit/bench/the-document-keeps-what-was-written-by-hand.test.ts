import { expect, test } from 'vitest'
import { BEGIN, END, withFigures } from '../../../bench/document.js'

const document = `# Prose\n\n${BEGIN}\n\nold figures\n\n${END}\n\nMore prose.\n`

test('only what is between the markers is replaced', () => {
  const text = withFigures(document, 'new figures')
  expect(text).toBe(`# Prose\n\n${BEGIN}\n\nnew figures\n\n${END}\n\nMore prose.\n`)
})

test('writing twice is writing once', () => {
  const once = withFigures(document, 'new figures')
  expect(withFigures(once, 'new figures')).toBe(once)
})

test('figures may hold what is special to a replacement', () => {
  expect(withFigures(document, '$& $1 `a|b`')).toContain('$& $1 `a|b`')
})

test.each([
  ['no markers', '# Prose\n'],
  ['no end', `# Prose\n${BEGIN}\nfigures\n`],
  ['the end before the beginning', `${END}\nfigures\n${BEGIN}\n`],
  ['two beginnings', `${BEGIN}\n${BEGIN}\nfigures\n${END}\n`],
  ['two ends', `${BEGIN}\nfigures\n${END}\n${END}\n`],
])('a document with %s is refused', (_name, text) => {
  expect(() => withFigures(text, 'figures')).toThrow('the document needs')
})
