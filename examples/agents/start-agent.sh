#!/bin/sh
# Starts one of five agents in the task whose variables are in the environment. Plain sh is enough:
#
#   variables=$(git task env shop task-42)
#   eval "$variables"
#   sh start-agent.sh claude
#
# More arguments go to the agent as they are. It takes this shell's place, so that signals and the exit code are
# its own. What each variable does, and where that is documented, stands in docs/agents.md.
set -eu

agent=${1:?name an agent: claude, codex, cursor, factory or opencode}
shift
: "${TASK_WORKSPACE:?there is no task here: eval what "git task env" prints}"
prompt=${AGENT_PROMPT:-"Read ${TASK_CONTEXT_DIR:-.agent_context}/issue_context.md and do what it asks."}
umask 077

case $agent in
  claude)
    CLAUDE_CONFIG_DIR=$TASK_STATE_DIR/claude
    export CLAUDE_CONFIG_DIR
    mkdir -p "$CLAUDE_CONFIG_DIR"
    # Last, since its option takes any number of files. No file: no tool servers.
    if [ -e "$CLAUDE_CONFIG_DIR/mcp.json" ]; then
      set -- "$@" --strict-mcp-config --mcp-config "$CLAUDE_CONFIG_DIR/mcp.json"
    else
      set -- "$@" --strict-mcp-config
    fi
    set -- claude -p "$prompt" "$@"
    ;;
  codex)
    CODEX_HOME=$TASK_STATE_DIR/codex
    CODEX_SQLITE_HOME=$CODEX_HOME
    export CODEX_HOME CODEX_SQLITE_HOME
    # Codex wants it to be there.
    mkdir -p "$CODEX_HOME"
    set -- codex exec "$prompt" "$@"
    ;;
  cursor)
    HOME=$TASK_STATE_DIR
    CURSOR_CONFIG_DIR=$HOME/.cursor
    export HOME CURSOR_CONFIG_DIR
    set -- cursor-agent -p "$prompt" "$@"
    ;;
  factory)
    HOME=$TASK_STATE_DIR
    export HOME
    set -- droid exec "$prompt" "$@"
    ;;
  opencode)
    XDG_CONFIG_HOME=$TASK_STATE_DIR/xdg/config
    XDG_DATA_HOME=$TASK_STATE_DIR/xdg/data
    XDG_STATE_HOME=$TASK_STATE_DIR/xdg/state
    XDG_CACHE_HOME=$TASK_STATE_DIR/xdg/cache
    export XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_CACHE_HOME
    if [ -e "$TASK_STATE_DIR/opencode/opencode.json" ]; then
      OPENCODE_CONFIG=$TASK_STATE_DIR/opencode/opencode.json
      export OPENCODE_CONFIG
    else
      unset OPENCODE_CONFIG
    fi
    set -- opencode run "$prompt" "$@"
    ;;
  *)
    echo "start-agent.sh: no agent is named $agent" >&2
    exit 2
    ;;
esac

cd "$TASK_WORKSPACE"
exec "$@"
