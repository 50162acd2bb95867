/** Tool servers (MCP) by name, each a command that speaks over its standard input and output. */
export type ToolServers = Readonly<
  Record<string, { readonly command: string; readonly args: readonly string[] }>
>

export type AgentProgramName = (typeof AGENT_NAMES)[number]

export const AGENT_NAMES = ['claude', 'codex', 'cursor', 'factory', 'opencode'] as const

/** How one program that runs agents is kept inside its task. Places are relative to the task's `state/` folder. */
export interface AgentProgram {
  readonly program: string
  /** What starts it without a person at the terminal; the prompt comes next. */
  readonly args: readonly string[]
  /** Variables that name a place. */
  readonly places: Readonly<Record<string, string>>
  /** Its tool-client configuration, and its own instructions where it reads some outside of the checkout. */
  files(tools: ToolServers): Readonly<Record<string, string | object>>
  /** What tells it of its tool servers where no variable does; `stateDir` is absolute. They come last. */
  toolArgs?(stateDir: string): readonly string[]
}

/** What an agent is told that reads instructions before its prompt. */
export const INSTRUCTIONS = `Your task is described in issue_context.md, in the folder that the environment variable
TASK_CONTEXT_DIR names. Read it before you begin.
`

/**
 * Claude Code, Codex, Cursor, Factory and OpenCode. Where a fact is documented stands in docs/agents.md. For `HOME`
 * it is that the program's documentation names a folder below `~` and no variable that would move it.
 */
export const AGENT_PROGRAMS: Readonly<Record<AgentProgramName, AgentProgram>> = {
  claude: {
    program: 'claude',
    args: ['-p'],
    places: { CLAUDE_CONFIG_DIR: 'claude' },
    files: (tools) => ({ 'claude/CLAUDE.md': INSTRUCTIONS, 'claude/mcp.json': { mcpServers: tools } }),
    toolArgs: (stateDir) => ['--strict-mcp-config', '--mcp-config', `${stateDir}/claude/mcp.json`],
  },
  codex: {
    program: 'codex',
    args: ['exec'],
    places: { CODEX_HOME: 'codex', CODEX_SQLITE_HOME: 'codex' },
    files: (tools) => ({ 'codex/AGENTS.md': INSTRUCTIONS, 'codex/config.toml': codexToml(tools) }),
  },
  cursor: {
    program: 'cursor-agent',
    args: ['-p'],
    places: { CURSOR_CONFIG_DIR: '.cursor', HOME: '' },
    files: (tools) => ({ '.cursor/mcp.json': { mcpServers: tools } }),
  },
  factory: {
    program: 'droid',
    args: ['exec'],
    places: { HOME: '' },
    files: (tools) => ({ '.factory/AGENTS.md': INSTRUCTIONS, '.factory/mcp.json': { mcpServers: tools } }),
  },
  opencode: {
    program: 'opencode',
    args: ['run'],
    places: {
      OPENCODE_CONFIG: 'opencode/opencode.json',
      XDG_CONFIG_HOME: 'xdg/config',
      XDG_DATA_HOME: 'xdg/data',
      XDG_STATE_HOME: 'xdg/state',
      XDG_CACHE_HOME: 'xdg/cache',
    },
    files: (tools) => ({
      'opencode/opencode.json': { mcp: openCodeServers(tools) },
      'xdg/config/opencode/AGENTS.md': INSTRUCTIONS,
    }),
  },
}

function codexToml(tools: ToolServers): string {
  const tables = Object.entries(tools).map(
    ([name, { command, args }]) =>
      `[mcp_servers.${quoted(name)}]\ncommand = ${quoted(command)}\nargs = [${args.map(quoted).join(', ')}]\n`,
  )
  return tables.join('\n')
}

/** A string of JSON is a basic string of TOML as well. */
function quoted(text: string): string {
  return JSON.stringify(text)
}

function openCodeServers(tools: ToolServers): object {
  const servers = Object.entries(tools).map(([name, { command, args }]) => [
    name,
    { type: 'local', command: [command, ...args], enabled: true },
  ])
  return Object.fromEntries(servers)
}
