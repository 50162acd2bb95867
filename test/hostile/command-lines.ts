import { readdirSync, readFileSync } from 'node:fs'

/** The arguments of every process that this one has started while it was watched, with those that they started. */
export interface CommandLineWatch {
  /** Ends the watch. */
  end(): string[]
}

/** Linux only: reads `/proc` again and again, since children of git live for milliseconds. */
export function watchCommandLines(): CommandLineWatch {
  const seen = new Set<string>()
  const timer = setInterval(() => collectBelow(String(process.pid), seen), 1)
  return {
    end: () => {
      clearInterval(timer)
      return [...seen]
    },
  }
}

function collectBelow(pid: string, seen: Set<string>): void {
  for (const thread of unlessEnded(() => readdirSync(`/proc/${pid}/task`)) ?? []) {
    const children = unlessEnded(() => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')) ?? ''
    for (const child of children.split(' ').filter((id) => id !== '')) {
      const line = unlessEnded(() => readFileSync(`/proc/${child}/cmdline`, 'utf8'))
      if (line !== undefined) seen.add(line.replaceAll('\0', ' '))
      collectBelow(child, seen)
    }
  }
}

function unlessEnded<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error && /ENOENT|ESRCH/.test(error.message)) return undefined
    throw error
  }
}
