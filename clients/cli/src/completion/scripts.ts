import { FILES } from './complete.js'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/**
 * A shell's script that asks `dagbook __complete` for what may come next. Nothing that was typed is evaluated: a command
 * substitution on an unfinished line must not run because somebody pressed Tab.
 */
export function completionScript(shell: Shell): string {
  return { bash: BASH, zsh: ZSH, fish: FISH }[shell]
}

// bash breaks words at = and : and replaces only what comes after them, so the rest is taken off each candidate.
const BASH = `# bash completion for dagbook: source <(dagbook completion bash)
_dagbook() {
  local line="\${COMP_LINE:0:COMP_POINT}" candidate current kept
  local -a words
  read -r -a words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  current="\${words[\${#words[@]} - 1]}"
  kept=""
  [[ "$COMP_WORDBREAKS" == *=* && "$current" == *=* ]] && kept="\${current%"\${current##*=}"}"
  [[ "$COMP_WORDBREAKS" == *:* && "\${current#"$kept"}" == *:* ]] && kept="\${current%"\${current##*:}"}"
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    if [[ "$candidate" == "${FILES}" ]]; then
      compopt -o filenames 2> /dev/null
      while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen -f -- "\${current#"$kept"}")
    else
      COMPREPLY+=("\${candidate#"$kept"}")
    fi
  done < <(dagbook __complete -- "\${words[@]:1}" 2> /dev/null)
}
complete -F _dagbook dagbook
`

const ZSH = `#compdef dagbook
# zsh completion for dagbook: source <(dagbook completion zsh), after compinit
_dagbook() {
  local -a candidates
  local line
  for line in "\${(@f)$(dagbook __complete -- "\${(@)words[2,CURRENT]}" 2> /dev/null)}"; do
    if [[ "$line" == "${FILES}" ]]; then
      [[ "$PREFIX" == --*=* ]] && compset -P '*='
      _files
      return
    fi
    [[ -n "$line" ]] && candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${\${(M)line:#*$'\\t'*}#*$'\\t'}")
  done
  (( \${#candidates} )) && _describe dagbook candidates
}
if [[ "\${funcstack[1]}" == _dagbook ]]; then
  _dagbook "$@"
else
  compdef _dagbook dagbook
fi
`

const FISH = `# fish completion for dagbook: dagbook completion fish | source
function __dagbook_complete
  set -l words (commandline -opc)
  set -e words[1]
  set -l current (commandline -ct)
  set -l lines (dagbook __complete -- $words "$current" 2> /dev/null)
  if test "$lines[1]" = "${FILES}"
    set -l kept (string match -r -- '^--[^=]*=' "$current")
    __fish_complete_path (string replace -r -- '^--[^=]*=' '' "$current") | string replace -r -- '^' "$kept"
  else
    printf '%s\\n' $lines
  end
end
complete -c dagbook -f -a '(__dagbook_complete)'
`
