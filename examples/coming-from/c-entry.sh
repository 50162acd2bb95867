#!/bin/sh
# The entry point of an agent's pod, for any sh. The orchestrator has prepared the task on a volume that the pod
# mounts at the same path. From the pod's template: GIT_TASK_ROOT, ENV_ID, TASK_ID, AGENT_CLI and, for a retry, RUN_ID.
set -eu

run=${RUN_ID:-}
# Not eval "$(git task env …)": that would go on without variables when the command fails.
variables=$(git task env "$ENV_ID" "$TASK_ID" ${run:+--run "$run"})
eval "$variables"

# The agent runs beside this shell, which as the first process of a pod has to pass the signals on.
signals=0 agent=''
pass_on() {
  signals=$((signals + 1))
  # It may have ended just now.
  [ -z "$agent" ] || kill -TERM "$agent" 2>/dev/null || :
}
trap pass_on TERM INT
sh "${AGENT_ENTRY:-/opt/agent/start-agent.sh}" "$AGENT_CLI" &
agent=$!
# One that came before the agent had a number.
[ "$signals" -eq 0 ] || kill -TERM "$agent" 2>/dev/null || :

# A signal ends the waiting, not the agent, which is waited for again. 127: it had been waited for to its end.
code=0
wait "$agent" || code=$?
seen=0
while [ "$seen" -lt "$signals" ]; do
  seen=$signals again=0
  wait "$agent" || again=$?
  [ "$again" -eq 127 ] || code=$again
done

outcome=failed
[ "$code" -ne 0 ] || outcome=succeeded
[ "$signals" -eq 0 ] || outcome=cancelled
git task finish "$ENV_ID" "$TASK_ID" "$outcome" ${run:+--run "$run"}
exit "$code"
