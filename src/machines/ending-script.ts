import { sh } from './sh.js'

/**
 * The runner's half that ends what lives: TERM, the grace, KILL, and a look at whether nothing is left. Processes are
 * found by the command's session and by the token in their environment; what was found this moment is signalled at once,
 * never a number that was remembered.
 */
export const ENDING_SCRIPT = sh`
# note SESSION: remembers what of $living is outside of that session ('' for all of it)
note() {
  for pid in $living; do
    started "$pid" || continue
    [ "$session" = "$1" ] && continue
    name=''
    { read -r name < "/proc/$pid/comm"; } 2> /dev/null
    case $name in *[!A-Za-z0-9_.:/@+-]* | '') name='?' ;; esac
    printf '%s:%s%s,' "$pid" "$name" "$2" >> "$entry/escaped"
  done
}

# of_session: $of, the session to look for: the command's, while that number cannot be a stranger's
of_session() {
  of=$task
  if [ -n "$of" ] && [ -d "/proc/$of" ] && ! alive "$task" "$task_start"; then of=''; fi
}

# end_all SENT: TERM (unless somebody sent it before), the grace, KILL, five seconds to verify; false if something stays. The
# grace begins when the signal was sent: on a busy host it takes its time to find who is to hear it.
end_all() {
  limit='' pause=0.01 killed=''
  while of_session; living "$of"; do
    [ -n "$members" ] || alive "$task" "$task_start" || task=''
    if [ -z "$limit" ]; then
      if [ -z "$1" ] && [ "$grace" -gt 0 ]; then
        kill -s TERM $living
        kill -s CONT $living
      fi
      now
      limit=$((now + grace))
    else
      now
    fi
    if [ "$now" -ge "$limit" ]; then
      [ -n "$killed" ] && [ "$now" -ge $((limit + 500)) ] && { note '' :lives; return 1; }
      killed=1
      kill -s KILL $living
    fi
    sleep $pause
    case $pause in 0.01) pause=0.02 ;; 0.02) pause=0.05 ;; 0.05) pause=0.1 ;; esac
  done
}

# take_down CAUSE: ends a command that runs, unless it ended by itself before
take_down() {
  if task_of "$entry"; then alive "$task" "$task_start" || return 0; fi
  sent=''
  once "$entry/outcome" "$1" || sent=1
  # A command that is about to start looks for the outcome after it wrote its task: one of us sees the other.
  task_of "$entry" || return 0
  of_session
  living "$of" && note "$task"
  end_all "$sent"
}

# settle: $cause; afterwards nothing of the attempt lives, or .../escaped says what does
settle() {
  once "$entry/outcome" EXITED
  cause=''
  read -r cause < "$entry/outcome"
  # An empty outcome is one whose writer was cut before it sent a signal: the command ended by itself.
  cause=\${cause:-EXITED}
  task_of "$entry"
  if [ "$cause" = EXITED ]; then
    alive "$timer" "$timer_start" && kill -s TERM "$timer"
    suspects || return
  fi
  of_session
  living "$of" || return
  if [ "$cause" = EXITED ]; then note ''; end_all ''; else note "$task"; end_all sent; fi
}

# carries PID: has it the token? Byte by byte, but without the fork that grep costs.
carries() {
  while read -r l || [ -n "$l" ]; do
    case $l in *"$token"*) return 0 ;; esac
  done < "/proc/$1/environ"
  return 1
}

# suspects: may something have been left behind? A look at all processes takes 2 ms per 100 of them, so first at the
# command's group, then at those of the process numbers given out since the start that are in use. Runners and their
# helpers are in the agent's session, which no command can be in.
suspects() {
  kill -s 0 -- "-$task" && return 0
  looked=0 newest=$oldest
  while :; do
    if [ "$oldest" -ge "$newest" ]; then
      read -r _ _ _ _ newest < /proc/loadavg
      [ "$newest" -eq "$oldest" ] && return 1
    fi
    oldest=$((oldest + 1)) looked=$((looked + 1))
    if [ "$newest" -lt "$oldest" ] || [ $looked -gt 200 ]; then return 0; fi
    [ -d "/proc/$oldest" ] && started "$oldest" && [ "$session" != "$base" ] || continue
    if [ "$session" = "$task" ] || carries "$oldest"; then return 0; fi
  done
}
`
