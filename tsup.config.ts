import { defineConfig } from 'tsup'

export default defineConfig([
  {
    entry: { index: 'src/index.ts', testing: 'src/testing.ts' },
    format: ['esm', 'cjs'],
    dts: true,
    clean: true,
    target: 'node20',
    // env-paths is published as ESM only, so the CommonJS build has to carry it.
    noExternal: ['env-paths'],
  },
  {
    entry: { 'cli/main': 'src/cli/main.ts' },
    format: ['esm'],
    target: 'node20',
    // The program imports the package by its own name, like any other user of it.
    external: ['git-task-isolation'],
    banner: { js: '#!/usr/bin/env node' },
  },
])
