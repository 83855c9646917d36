import { sh } from './sh.js'

/**
 * What the agent and the runner share: reading the spool and /proc. POSIX sh, with one habit: a function answers in
 * variables, since a command substitution would cost a fork.
 *
 *   $spool/<instance>/<fence>/by.*     who tries to claim the attempt: pid, start time, boot id in the name
 *                            /pid      who claimed it: its runner's pid, start time, boot id (O_EXCL: once)
 *                            /task     the command: pid, start time; written by the child itself before it execs
 *                            /outcome  who decided the end first: EXITED, TIMED_OUT or STOPPED (O_EXCL: once)
 *                            /exit     the end; /gone: forgotten, the folder stays as the fence's mark: uptime, boot id
 *                            /reaper   who ends what a dead runner left: pid, start time
 *                            /report   the first bytes of the file that the verdict is read in
 *                            /stdout /stderr /io/input /io/output /escaped /times
 *   $spool/.events                     one line per end: instance fence
 *
 * Every record ends with " ." so that a torn one (killed or out of space while writing) is never taken for a whole one.
 */
export const SPOOL_SCRIPT = sh`
NL='
'
dot=''

# $now: hundredths of seconds since boot; no clock that anyone can set
now() { read -r now _ < /proc/uptime; now=\${now%.*}\${now#*.}; }

# kills: $kills, how often $counter says that the host has killed for want of memory; '' where it does not tell
kills() {
  kills=''
  { while read -r name value; do [ "$name" = oom_kill ] && kills=$value && break; done < "$counter"; } 2> /dev/null
}

# started PID: $start in ticks since boot, $parent, $session; false when it does not live. A name may hold newlines and brackets.
started() {
  start='' line=''
  { while read -r l || [ -n "$l" ]; do line=$l; done < "/proc/$1/stat"; } 2> /dev/null || return 1
  set -- \${line##*) }
  case $1 in '' | Z | X) return 1 ;; esac
  parent=$2 session=$4 start=\${20}
}

# alive PID START: the same process, not a later one with its number
alive() { [ -n "$2" ] && started "$1" && [ "$start" = "$2" ]; }

# claimed ENTRY: $owner $owner_start $owner_boot (empty while being written, "-" when stopped before it started)
claimed() {
  owner='' owner_start='' owner_boot=''
  { read -r owner owner_start owner_boot dot < "$1/pid"; } 2> /dev/null
  [ "$dot" = . ] || owner=''
  dot=''
  [ -e "$1/pid" ]
}

# task_of ENTRY: $task $task_start, empty before the command was started
task_of() {
  task='' task_start=''
  { read -r task task_start dot < "$1/task"; } 2> /dev/null
  [ "$dot" = . ] || task=''
  dot=''
  [ -n "$task" ]
}

# ended ENTRY: $exit, the line that describes the end
ended() {
  exit=''
  { read -r exit < "$1/exit"; } 2> /dev/null
  case $exit in *' .') ;; *) return 1 ;; esac
}

# at ENTRY: which attempt the functions below mean
at() {
  task='' task_start='' entry=$1 fence=\${1##*/}
  instance=\${1%/*} instance=\${instance##*/}
  token="DAGBOOK_ATTEMPT_TOKEN=$instance/$fence;"
}

# living SESSION: $living, the pids of all that carry the token or belong to the session ('' for none); false when none.
# A session number is only trusted while its leader is that of the attempt or gone, and until the session was empty once:
# afterwards the number may belong to a stranger.
living() {
  living='' members=''
  if [ -n "$1" ]; then
    set -- $(grep -lsE -e "$token" -e "\) [^ZX] [0-9]+ [0-9]+ $1 " /proc/[0-9]*/environ /proc/[0-9]*/stat)
  else
    set -- $(grep -lsF -e "$token" /proc/[0-9]*/environ)
  fi
  for file do
    case $file in */stat) members=1 ;; esac
    file=\${file#/proc/} file=\${file%/*}
    case " $living " in *" $file "*) ;; *) living="$living $file" ;; esac
  done
  [ -n "$living" ]
}

# starting: $owner, the runner that is between creating the claim and writing it
starting() {
  for by in "$entry"/by.*."$boot"; do
    by=\${by#"$entry/by."} by=\${by%".$boot"}
    if alive "\${by%.*}" "\${by#*.}"; then owner=\${by%.*}; return 0; fi
  done
  return 1
}

# survives: the runner is dead and left no exit; does something of the attempt live?
survives() {
  if task_of "$entry" && alive "$task" "$task_start"; then living "$task" || living=$task; else living ''; fi
  [ -n "$living" ]
}

# state ENTRY: $state is ABSENT, EXITED ($exit), RUNNING ($pid), ORPHANED ($pid: no runner, but processes) or LOST ($reason)
state() {
  at "$1"
  state=ABSENT
  [ -e "$entry/gone" ] && return
  state=EXITED
  ended "$entry" && return
  state=ABSENT
  claimed "$entry" || return
  case $owner in
    -) return ;;
    '') if starting; then state=RUNNING pid=$owner; return; fi
      claimed "$entry" || return
      [ -n "$owner" ] || { state=LOST reason='its runner died before it started the command'; return; } ;;
  esac
  if [ "$owner_boot" != "$boot" ]; then state=LOST reason='the host has restarted since'; return; fi
  pid=$owner
  if alive "$owner" "$owner_start"; then
    state=RUNNING
    task_of "$entry" && pid=$task
    return
  fi
  # The runner may have ended, or withdrawn, between our two looks.
  state=EXITED
  ended "$entry" && return
  state=ABSENT
  claimed "$entry" || return
  if survives; then set -- $living; state=ORPHANED pid=$1; return; fi
  state=LOST reason="its runner (pid $owner) died without leaving an exit code"
}

# busy ENTRY: $pid; something of that attempt lives
busy() {
  state "$1"
  case $state in
    RUNNING | ORPHANED) return 0 ;;
    EXITED) case $exit in *:lives*) living '' && { set -- $living; pid=$1; } ;; *) return 1 ;; esac ;;
    *) return 1 ;;
  esac
}

# once FILE TEXT: creates the file with the text unless it exists; false when it exists or cannot be written
once() {
  opened=''
  set -C
  { opened=1; printf '%s\n' "$2"; } 2> /dev/null > "$1"
  once=$?
  set +C
  return $once
}
`
