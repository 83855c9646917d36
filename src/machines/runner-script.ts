import { sh } from './sh.js'

/**
 * The process that stands by one attempt on its host, whatever becomes of the agent: a fork of the agent, as another exec
 * of sh would cost 2 of the 8 ms that an attempt takes. A CommandSpec (command-spec.ts) says what to run.
 * `# stage:` marks the points between which it may be killed; docs/decisions/0010 says what holds then, tests cut there.
 */
export const RUNNER_SCRIPT = sh`
# runner WORK ID GRACE TIMEOUT OWNER: becomes the runner of INSTANCE/FENCE. ID is the request to answer or "-", GRACE in
# hundredths of seconds, TIMEOUT in seconds or "-", OWNER user:group or "-".
runner() {
  exec 3>&1 > /dev/null 2>&1 < /dev/null
  trap '' HUP TERM
  trap : PIPE
  id=$2 grace=$3 timeout=$4 owned=$5
  at "$spool/$1"
  read -r self _ < /proc/self/stat
  started "$self"
  self_start=$start base=$session
}

# reply TEXT: to whoever asked, if it still lives; else printf's complaint must not become the command's stderr
reply() { [ "$id" = - ] || printf '%s %s\n' "$id" "$1" >&3 2> /dev/null; }

# refuse CODE TEXT: says why nothing was started, in one line
refuse() { reply "ERR $1 \${2%%"$NL"*}"; exit 0; }

# withdraw: nothing was started and nobody else can have: the fence may be tried again
withdraw() { rm -f "$entry/pid" "$entry/task"; }

# why: $why, the host's own words for a write that failed; the builtins only say "I/O error"
why() { why=$(mkdir -p "$entry/io" 2>&1 && cat /proc/version 2>&1 > "$entry/io/.full"); rm -f "$entry/io/.full"; }

# prepare: the folder, and the claim that only one process ever gets
prepare() {
  # stage: prepare
  if [ "$owned" != - ]; then umask 066; fi
  [ -d "$entry/io" ] || why=$(mkdir -p "$entry/io" 2>&1) || refuse IO "$why"
  # stage: made
  printf '' > "$entry/by.$self.$self_start.$boot" || { why; refuse IO "\${why:-the folder cannot be written}"; }
  opened=''
  set -C
  {
    opened=1
    # stage: claiming
    printf '%s %s %s .\n' "$self" "$self_start" "$boot"
  } > "$entry/pid"
  claim=$?
  set +C
  [ $claim = 0 ] && return
  if [ -z "$opened" ] && [ -e "$entry/pid" ]; then reply 'OK EXISTS'; exit 0; fi
  [ -n "$opened" ] && rm -f "$entry/pid"
  why
  refuse IO "\${why:-the claim could not be written}"
}

# compare: looks at the other fences, after the claim is there for them to see
compare() {
  # stage: claimed
  earlier='' later=''
  mine=$entry
  for other in "\${mine%/*}"/*/; do
    other=\${other%/}
    other=\${other##*/}
    if [ "$other" -gt "$fence" ]; then later=$other; fi
    if [ "$other" -lt "$fence" ] && busy "\${mine%/*}/$other"; then earlier="$other $pid"; fi
    at "$mine"
  done
  if [ -n "$later" ]; then withdraw; reply "OK FENCED $later"; exit 0; fi
  if [ -n "$earlier" ]; then withdraw; reply "OK EARLIER_ALIVE $earlier"; exit 0; fi
  # stage: compared
}

# write: the input, and the files of the streams: opening them later must not fail for want of space
write() {
  if [ -n "$input_file" ]; then mv -f "$input_file" "$entry/io/input"; else printf %s "$input" > "$entry/io/input"; fi
  [ $? = 0 ] && printf '' > "$entry/stdout" && printf '' > "$entry/stderr"
}

# provide: the files that the command finds
provide() {
  write || { why; withdraw; refuse IO "\${why:-the input could not be written}"; }
  [ "$owned" = - ] && return
  why=$(chown "$owned" "$entry/io" "$entry/io/input" "$entry/stdout" "$entry/stderr" 2>&1 && chmod 700 "$entry/io" 2>&1) ||
    { withdraw; refuse IO "$why"; }
}

# watch: ends the command when its time is up, also when nobody else is left
watch() {
  timer='' timer_start=''
  [ "$timeout" = - ] && return
  (
    exec 3>&-
    before=$!
    # KILL: a child that has not become sleep yet would lose a TERM.
    trap '[ "$!" = "$before" ] || kill -s KILL "$!"; exit' TERM
    sleep "$timeout" &
    wait $!
    trap - TERM
    take_down TIMED_OUT
  ) &
  timer=$!
  started "$timer" && timer_start=$start
}

# report: leaves the end where everyone finds it; while the disk is full it waits for space, as the end must not get lost
report() {
  # stage: ended
  now
  task_of "$entry"
  took=$((now - began)) escaped=- oom=- before=$kills
  if [ "$code" = 137 ] && [ -n "$before" ]; then
    kills
    case $kills in '') ;; "$before") oom=no ;; *) oom=yes ;; esac
  fi
  times > "$entry/times"
  { read -r _ _; read -r user system; } < "$entry/times"
  [ -s "$entry/escaped" ] && read -r escaped < "$entry/escaped"
  # No rename: a torn record lacks its final dot, which says the same without the fork of mv.
  until printf '%s %.2000s .\n' "$task $code $cause $took \${user:-0m0s} \${system:-0m0s} $oom" "$escaped" > "$entry/exit"; do
    # A spool that was removed is nobody's any more.
    [ -d "$entry" ] || exit 0
    sleep 1
  done
  # stage: reported
  printf '%s\n' "$instance $fence" >> "$spool/.events"
}

# keep: the report, before anything can take it away: one byte more than a verdict is read in. As the task's user, and no
# pipe or device, which would be waited for.
keep() {
  [ -n "$reported" ] || return
  $as sh -c '[ -f "$1" ] && head -c 4000001 < "$1"' sh "$reported" > "$entry/report"
}

# dismiss: the timer may have been too young to hear settle; its sleep would stay for as long as the timeout
dismiss() {
  [ "$cause" = EXITED ] || return
  while alive "$timer" "$timer_start"; do
    kill -s TERM "$timer"
    sleep 0.05
  done
}

# check: what can be refused before anything is written
check() {
  cd "$directory" || refuse NO_DIRECTORY -
  found='' paths=$PATH PATH=$path
  command -v -- "$program" && found=1
  PATH=$paths
  [ -n "$found" ] || refuse NO_PROGRAM -
  as=''
  [ "$owned" = - ] && return
  as="setpriv --reuid=\${owned%:*} --regid=\${owned#*:} --init-groups"
  why=$($as test -x "$spool" 2>&1) || refuse DENIED "\${why:-its user cannot reach the spool $spool}"
  $as test -x "$directory" || refuse DENIED "its user cannot reach the directory"
}

# start SPEC: after runner
start() {
  # stage: begin
  eval "$1"
  if [ -e "$entry/pid" ]; then reply 'OK EXISTS'; exit 0; fi
  check
  prepare
  compare
  provide
  now
  began=$now
  read -r _ _ _ _ oldest < /proc/loadavg
  watch
  if [ -n "$hidden" ]; then
    whisper | child "$@" >> "$entry/stdout" 2>> "$entry/stderr" &
  else
    child "$@" < /dev/null >> "$entry/stdout" 2>> "$entry/stderr" &
  fi
  # From here on nobody waits for this process's words: the channel may close.
  exec 3>&-
  wait $!
  code=$?
  task_of "$entry" || { withdraw; exit 0; }
  settle
  keep
  report
  dismiss
}

# whisper: what is hidden, into the pipe to the command: the words of exec are seen by everybody, and of a here-document some
# shells make a file. A fork that ends when all was read, or when nobody is left who could read it.
whisper() {
  exec 3>&-
  printf '%s\n' "$hidden"
}

# child WORDS: records itself, then becomes the command. If the runner is dead by then, somebody may already have looked,
# seen no task and called the attempt lost; if it dies later, the task is there to be seen.
child() {
  trap '' PIPE
  # stage: spawned
  read -r task _ < /proc/self/stat
  started "$task"
  if ! printf '%s %s .\n' "$task" "$start" > "$entry/task"; then
    rm -f "$entry/task"
    why
    refuse IO "\${why:-the process could not be recorded}"
  fi
  # stage: recorded
  started "$task"
  [ "$parent" = "$self" ] || exit 126
  reply "OK STARTED $task"
  exec 3>&-
  [ -e "$entry/outcome" ] && exit 143
  trap - HUP TERM PIPE
  umask 022
  [ -n "$hidden" ] && exec 9<&0 < /dev/null
  exec setsid $as "$@"
}

# stop: also makes sure that an attempt which was not started yet never will be
stop() {
  if [ ! -e "$entry/pid" ]; then
    mkdir -p "$entry/io"
    once "$entry/pid" '- - - .'
  fi
  printf '%s\n' "$self $self_start" > "$entry/reaper"
  now
  end=$((now + grace + 3000)) pause=0.01
  while :; do
    state "$entry"
    case $state in
      RUNNING) take_down STOPPED ;;
      ORPHANED)
        task_of "$entry"
        end_all ''
        printf '%s\n' "$instance $fence" >> "$spool/.events" ;;
      *) break ;;
    esac
    now
    [ "$now" -lt "$end" ] || refuse TIMEOUT "$state"
    sleep $pause
    [ $pause = 0.01 ] && pause=0.02 || pause=0.1
  done
  reply OK
}
`
