import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import ts from 'typescript'
import { readerOptions } from '../helpers/reader-compiler.js'
import { repositoryRoot } from '../helpers/run-program.js'
import type { CodeBlock } from './code-blocks.js'
import type { DocumentWorld } from './document-world.js'

export interface ModuleBlock {
  readonly block: CodeBlock
  readonly world: DocumentWorld
  /** What runs: hidden `ts` blocks, then the block. */
  readonly code: string
}

export interface CompiledBlock {
  readonly block: CodeBlock
  readonly program: string
}

const OPTIONS: ts.CompilerOptions = { ...readerOptions, allowJs: true, checkJs: true, noEmitOnError: false }

/** Compiles all blocks in one program; answers where each of them can be run, and what the compiler has to say. */
export async function compileModules(
  directory: string,
  modules: readonly ModuleBlock[],
): Promise<{ compiled: CompiledBlock[]; problems: string[] }> {
  await linkPackages(directory)
  const sources = new Map<string, CodeBlock>()
  for (const [number, { block, world, code }] of modules.entries()) {
    const file = join(directory, `block-${number}.${block.language === 'js' ? 'mjs' : 'mts'}`)
    await writeFile(file, world.localised(code))
    sources.set(file, block)
  }
  const outDir = join(directory, 'compiled')
  const options = { ...OPTIONS, outDir, rootDir: directory, typeRoots: [typesOf(directory)] }
  const program = ts.createProgram([...sources.keys()], options)
  const problems = ts.getPreEmitDiagnostics(program).map((problem) => describe(problem, sources))
  program.emit()
  // JavaScript has to run as it is written.
  const programOf = (file: string) =>
    file.endsWith('.mjs') ? file : join(outDir, basename(file).replace('.mts', '.mjs'))
  const compiled = [...sources].map(([file, block]) => ({ block, program: programOf(file) }))
  return { compiled, problems }
}

const EXAMPLE = join(repositoryRoot, 'examples/custom-strategy/snapshot-strategy.ts')

const typesOf = (directory: string) => join(directory, 'node_modules/@types')

/** What a reader would have installed. */
async function linkPackages(directory: string): Promise<void> {
  const packages = join(directory, 'node_modules')
  await mkdir(packages, { recursive: true })
  await symlink(repositoryRoot, join(packages, 'git-task-isolation'))
  for (const name of ['@types', 'vitest'])
    await symlink(join(repositoryRoot, 'node_modules', name), join(packages, name))
  // What strategies.md tests is the strategy of the examples.
  await copyFile(EXAMPLE, join(directory, basename(EXAMPLE)))
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }\n')
}

function describe({ file, start, messageText }: ts.Diagnostic, sources: Map<string, CodeBlock>): string {
  const said = ts.flattenDiagnosticMessageText(messageText, '\n')
  const block = file && sources.get(file.fileName)
  if (file === undefined || block === undefined) return said
  const { line } = file.getLineAndCharacterOfPosition(start ?? 0)
  return `${block.place}, its line ${line + 1}: ${said}`
}
