#!/bin/sh
# Stands in for five agents: it looks where their documentation says that they look, leaves its state there, or below
# the home directory where nothing is said, and prints what it sees. Its first argument says which one it is.
set -eu

program=$1
shift
see() { printf '%s=%s\n' "$1" "$2"; }
leave() { mkdir -p "$1" && echo 'a session' > "$1/session.log" && see state "$1"; }

tools='' instructions=''
case $program in
  claude)
    home=${CLAUDE_CONFIG_DIR:-$HOME/.claude}
    instructions=$home/CLAUDE.md
    leave "$home/projects"
    for argument; do tools=$argument; done
    ;;
  codex)
    home=${CODEX_HOME:-$HOME/.codex}
    [ -z "${CODEX_HOME:-}" ] || [ -d "$CODEX_HOME" ] || { echo 'CODEX_HOME is no folder' >&2; exit 1; }
    instructions=$home/AGENTS.md tools=$home/config.toml
    leave "$home/sessions"
    leave "${CODEX_SQLITE_HOME:-$home}"
    ;;
  cursor-agent)
    tools=$HOME/.cursor/mcp.json
    leave "${CURSOR_CONFIG_DIR:-$HOME/.cursor}"
    leave "$HOME/.cursor/chats"
    ;;
  droid)
    instructions=$HOME/.factory/AGENTS.md tools=$HOME/.factory/mcp.json
    leave "$HOME/.factory/sessions"
    ;;
  opencode)
    config=${XDG_CONFIG_HOME:-$HOME/.config}/opencode
    instructions=$config/AGENTS.md tools=${OPENCODE_CONFIG:-$config/opencode.json}
    leave "${XDG_DATA_HOME:-$HOME/.local/share}/opencode"
    leave "${XDG_STATE_HOME:-$HOME/.local/state}/opencode"
    leave "${XDG_CACHE_HOME:-$HOME/.cache}/opencode"
    ;;
esac

see program "$program"
see cwd "$PWD"
for argument; do see argument "$argument"; done
for name in ENV_ID TASK_ID TASK_WORKSPACE TASK_STATE_DIR TASK_BRANCH GIT_CONFIG_GLOBAL; do
  eval "see \"$name\" \"\${$name:-}\""
done
[ ! -r "$instructions" ] || see instructions "$(head -n 1 "$instructions")"
[ ! -r "$tools" ] || { see tools "$tools" && grep -o 'a-tool-server' "$tools" | head -n 1; }
see issue "$(head -n 1 "$TASK_CONTEXT_DIR/issue_context.md")"
see branch "$(git symbolic-ref --short HEAD)"
see changes "$(git status --porcelain)"

# For those who watch how an agent's end is told.
[ -z "${STAND_IN_WAITS:-}" ] || exec sleep "$STAND_IN_WAITS"
exit "${STAND_IN_EXIT:-0}"
