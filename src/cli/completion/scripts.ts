/** What each shell is to evaluate so that it completes the program's words by asking the program. */
export const completionScripts = {
  bash: `# Completes git-task, and "git task" where git's own completion is loaded as well.
__git_task_reply() {
  local current=\${!#} typed=\${COMP_WORDS[COMP_CWORD]} line value
  # What stands behind a = or a : is a word of its own to bash, and all that it replaces.
  case $typed in = | :) typed= ;; esac
  COMPREPLY=()
  while IFS= read -r line; do
    value=\${line%%$'\\t'*}
    case $value in
      :folders)
        compopt -o filenames 2>/dev/null
        while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -d -- "$typed")
        ;;
      "$current"*) COMPREPLY+=("\${value#"\${current%"$typed"}"}") ;;
    esac
  done < <(git-task __complete -- "$@" 2>/dev/null)
}

_git-task() {
  local rest=$COMP_LINE all=() word i
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    # Without a space before it, it belongs to the word that bash cut it off.
    if ((i > 0)) && [[ -n $word && $rest != [[:space:]]* ]]; then
      all[\${#all[@]}-1]+=$word
    else
      all+=("$word")
    fi
    rest=\${rest#"\${rest%%[![:space:]]*}"}
    rest=\${rest#"$word"}
  done
  __git_task_reply "\${all[@]:1}"
}

# git's completion calls this one, and has put the words together.
_git_task() {
  local at=\${__git_cmd_idx:-1}
  __git_task_reply "\${words[@]:at+1:cword-at}"
}

complete -F _git-task git-task
`,
  zsh: `#compdef git-task
# Completes git-task, and "git task" by the completion of git that comes with zsh.
_git-task() {
  local line value description
  local -a found
  for line in "\${(@f)$(git-task __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      :folders) _files -/; return ;;
      ?*)
        value=\${line%%$'\\t'*} description=\${line#*$'\\t'}
        found+=("\${value//:/\\\\:}\${description:+:$description}")
        ;;
    esac
  done
  (( $#found )) && _describe -t values 'git-task' found
}

if [[ $funcstack[1] = _git-task ]]; then
  _git-task "$@"
else
  compdef _git-task git-task
fi
`,
  fish: `# Completes git-task, and "git task".
function __git_task_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    test "$words[1]" = git; and set --erase words[1]
    for line in (git-task __complete -- $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case ':folders'
                __fish_complete_directories "$current"
            case '*'
                echo $line
        end
    end
end

function __git_task_in_git
    set -l words (commandline -opc)
    test "$words[2]" = task
end

complete --command git-task --no-files --arguments '(__git_task_complete)'
complete --command git --no-files --condition __git_task_in_git --arguments '(__git_task_complete)'
`,
} as const

export type Shell = keyof typeof completionScripts
