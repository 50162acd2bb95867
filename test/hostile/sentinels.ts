import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Commands for attackers: each leaves a file of its own name when anybody runs it. */
export class Sentinels {
  readonly #directory: string

  private constructor(directory: string) {
    this.#directory = directory
  }

  static async create(directory: string): Promise<Sentinels> {
    await mkdir(join(directory, 'seen'), { recursive: true })
    await mkdir(join(directory, 'bin'), { recursive: true })
    return new Sentinels(directory)
  }

  /** The path of a program that leaves the sentinel and ends well. `filter` also hands its input on. */
  async program(name: string, kind: 'plain' | 'filter' = 'plain'): Promise<string> {
    const file = join(this.#directory, 'bin', name)
    const rest = kind === 'filter' ? 'exec cat' : 'exit 0'
    await writeFile(file, `#!/bin/sh\n: > '${join(this.#directory, 'seen', name)}'\n${rest}\n`)
    await chmod(file, 0o755)
    return file
  }

  /** The attacks that somebody has run into, by name. */
  async seen(): Promise<string[]> {
    return (await readdir(join(this.#directory, 'seen'))).sort()
  }

  async clear(): Promise<void> {
    for (const name of await this.seen()) await rm(join(this.#directory, 'seen', name))
  }
}
