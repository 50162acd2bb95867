import { afterAll } from 'vitest'
import { removeDirectoriesOfTheFile } from './temporary.js'

// Here and not in that module: files that share a process load a module once, and its hooks with it.
afterAll(removeDirectoriesOfTheFile)
