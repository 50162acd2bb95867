import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const tests = readdirSync(here('test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => `test/${file}`)

// Most files share a process with others, which halves what loading costs. What a file puts in a module's place
// (a mock, another host's name) would stay for the files after it.
const alone = tests.filter((file) => /\bvi\.mock\(|test-host\.js/.test(readFileSync(here(file), 'utf8')))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^git-task-isolation$/, replacement: here('src/index.ts') },
      { find: /^git-task-isolation\/testing$/, replacement: here('src/testing.ts') },
    ],
  },
  test: {
    globalSetup: ['test/helpers/run-folder.ts'],
    setupFiles: ['test/helpers/hermetic.ts', 'test/helpers/after-each-file.ts'],
    pool: 'forks',
    // Node forks itself to start a process, which takes 5 ms longer for each 100 MB that it holds. What is young in a
    // test is soon gone: room for 48 MB of it doubles a worker, and what is old grows threefold before V8 looks through it.
    execArgv: ['--max-semi-space-size=1', '--heap-growing-percent=40'],
    // Tests mostly wait for git, so that two on a core are quicker than one.
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: 'shared', include: ['test/**/*.test.ts'], exclude: alone, isolate: false },
      },
      { extends: true, test: { name: 'alone', include: alone, isolate: true } },
    ],
  },
})
