import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** A file of the repository, parsed alone: enough for what its comments and types say as they are written. */
export function parseFile(path: string): ts.SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8')
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
}

/** @throws where the file has no such declaration: then what is generated from it would be wrong. */
export function typeNamed(
  file: ts.SourceFile,
  name: string,
): ts.InterfaceDeclaration | ts.TypeAliasDeclaration {
  const isNamed = (node: ts.Node) =>
    (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) && node.name.text === name
  const found = file.statements.find(isNamed)
  if (found !== undefined && (ts.isInterfaceDeclaration(found) || ts.isTypeAliasDeclaration(found)))
    return found
  throw new Error(`${file.fileName} declares no type ${name}`)
}

/** The properties of an interface or of a type literal. */
export function propertiesOf(node: ts.Node | undefined): readonly ts.PropertySignature[] {
  if (node === undefined || !(ts.isInterfaceDeclaration(node) || ts.isTypeLiteralNode(node))) return []
  return node.members.filter(ts.isPropertySignature)
}

/** A member's name without quotes. */
export function nameOf(node: ts.PropertySignature | ts.PropertyAssignment): string {
  return node.name.getText().replace(/^'|'$/g, '')
}
