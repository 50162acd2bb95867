// All five, one after the other:
//
//   npx tsx examples/coming-from/coming-from.ts

export {}

await import('./a-task-scoped-paths.js')
await import('./b-agent-clone-manager.js')
await import('./c-kubernetes-templates.js')
await import('./d-session-audit.js')
await import('./e-execution-environment.js')
