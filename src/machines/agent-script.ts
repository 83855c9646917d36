import { ENDING_SCRIPT } from './ending-script.js'
import { RUNNER_SCRIPT } from './runner-script.js'
import { SAMPLER_SCRIPT } from './sampler-script.js'
import { sh } from './sh.js'
import { SPOOL_SCRIPT } from './spool-script.js'

const AGENT = sh`
# The agent: answers requests on stdin, one line each, until it ends. It keeps nothing in memory that is not in the spool,
# so any number of agents may serve one spool and each may be killed at any time.
#
#   request  ID VERB INSTANCE/FENCE a b c rest      answer  ID OK ...  or  ID ERR CODE text
LC_ALL=C
export LC_ALL
umask 077

# greet TEXT: the first line that a server believes; whatever a login's rc files printed before it is skipped
greet() { printf '%s %s\n' "$greeting" "$1"; }

# fail CODE TEXT: there can be no agent here. It stays until the channel is closed, so that this is read.
fail() {
  greet "ERR $1 \${2%%"$NL"*}"
  while read -r _; do :; done
  exit 1
}

# settle_in: the spool, its identity and that of the host
settle_in() {
  PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
  missing=''
  for tool in base64 cat env find grep head id ln mkdir mv rm setsid sleep tail touch wc; do
    command -v $tool > /dev/null || missing="$missing $tool"
  done
  [ -z "$missing" ] || fail NO_TOOL "$missing"
  { read -r boot < /proc/sys/kernel/random/boot_id; } 2> /dev/null || fail NO_TOOL "Linux' /proc"
  case $spool in
    /*) ;;
    '~/'*) spool=$HOME/\${spool#??} ;;
    *) spool=$HOME/$spool ;;
  esac
  why=$(mkdir -p "$spool/.incoming" 2>&1) && cd "$spool" && spool=$(pwd -P) || fail SPOOL "\${why:-$spool cannot be entered}"
  { printf '' >> .events; } 2> /dev/null || fail SPOOL "$(touch .events 2>&1) $spool"
  identify
  greet "OK $identity $machine"
}

# identify: $identity, made with the spool once, and $machine
identify() {
  identity='' machine=''
  if [ ! -s .id ]; then
    # Written beside and linked into place, so that nobody ever sees half of it.
    why=$(cat /proc/sys/kernel/random/uuid 2>&1 > ".id.$$") && ln ".id.$$" .id 2> /dev/null
    rm -f ".id.$$"
  fi
  { read -r identity < .id; } 2> /dev/null || fail SPOOL "\${why:-its identity cannot be read}"
  { read -r machine < /etc/machine-id; } 2> /dev/null
  machine=\${machine:-$(uname -n)}
}

# find_counter: $counter, of this cgroup where that counts, else the host's
find_counter() {
  counter=/proc/vmstat group='' recount_at=0
  { read -r group < /proc/self/cgroup; } 2> /dev/null
  case $group in 0::*) group=/sys/fs/cgroup\${group#0::}/memory.events; [ ! -r "$group" ] || counter=$group ;; esac
}

# recount: $kills from before an attempt starts, by a second at most: a shell takes 5 ms for all of /proc/vmstat
recount() {
  now
  [ "$now" -ge "$recount_at" ] || return
  kills
  recount_at=$((now + 100))
}

settle_in
find_counter
tab=$(printf '\t') about=''

answer() { printf '%s %s\n' "$id" "$1"; }

# hello USER: what the requester has to know of this host
hello() {
  signals=-
  env --default-signal=INT,QUIT true 2> /dev/null && signals=--default-signal=INT,QUIT
  lines=$(wc -l < .events)
  me=$(id -un)
  user=$1
  [ "$user" = - ] && user=$me
  account=$(getent passwd "$user" 2> /dev/null)
  [ -n "$account" ] || [ "$user" != "$me" ] || account="$me:x:$(id -u):$(id -g)::$HOME:\${SHELL:-/bin/sh}"
  answer "OK $signals$tab\${lines##* }$tab$spool$tab$account"
}

# inspect: what the host is. Asked every few seconds, so what stays while the host is up is found out once by an agent.
inspect() {
  if [ -z "$about" ]; then
    memory='' kernel='' system=''
    while read -r name value _; do
      [ "$name" = MemTotal: ] && memory=$value && break
    done < /proc/meminfo
    read -r kernel < /proc/sys/kernel/osrelease
    system=$(. /etc/os-release 2> /dev/null && printf '%s' "$PRETTY_NAME")
    cpus=$(getconf _NPROCESSORS_ONLN 2> /dev/null || nproc)
    sampler=-
    command -v awk > /dev/null && sampler=awk
    about="$cpus$tab$memory$tab$kernel$tab$(uname -m)$tab$boot$tab$machine$tab$identity$tab$sampler"
    whose="$(id -un)$tab$spool$tab$system"
  fi
  free=$(df -Pk . 2> /dev/null)
  set -- \${free##*"$NL"}
  answer "OK $about$tab$4$tab$whose"
}

probe() {
  state "$spool/$1"
  case $state in
    EXITED) answer "OK EXITED $exit" ;;
    RUNNING) answer "OK RUNNING $pid" ;;
    ORPHANED)
      # Nobody can learn its exit code any more and nobody enforces its timeout: it is ended, then it is lost.
      reaper='' reaper_start=''
      { read -r reaper reaper_start < "$entry/reaper"; } 2> /dev/null
      alive "$reaper" "$reaper_start" || ( ( runner "$1" - 1000 - -; stop ) & )
      answer "OK RUNNING $pid" ;;
    LOST) answer "OK LOST $reason" ;;
    *) answer 'OK ABSENT' ;;
  esac
}

# forget: the folder and its claim stay as the mark of this fence, so that a late start of it, or of a lower one, is refused
forget() {
  at "$spool/$1"
  [ -e "$entry/pid" ] || { answer OK; return; }
  if busy "$entry"; then answer "ERR BUSY pid $pid"; return; fi
  printf '' > "$entry/gone" || { answer 'ERR IO the mark could not be written'; return; }
  now
  (
    cd "$entry" && rm -rf io stdout stderr report exit task outcome escaped times reaper by.* &&
      # Only now: on a full disk an empty mark can be made, and nothing can be written.
      printf '%s\n' "$now $boot" > gone &
  )
  answer OK
}

# sizes INSTANCE/FENCE...: of the streams that are not empty, in one question for all of them
sizes() {
  streams=''
  for folder do
    for stream in "$folder/stdout" "$folder/stderr"; do
      if [ -s "$stream" ]; then streams="$streams $stream"; fi
    done
  done
  [ -z "$streams" ] || set -- $(wc -c $streams 2> /dev/null)
  answer "OK\${streams:+ $*}"
}

# fresh ENTRY: was it forgotten less than $minutes ago, by a count that no clock changes? Of before a restart there is no such
# count, and the host's clock decides alone.
fresh() {
  marked='' booted=''
  { read -r marked booted < "$1/gone"; } 2> /dev/null
  [ "$booted" = "$boot" ] || return 1
  now
  [ "$marked" -le "$now" ] && [ $((now - marked)) -lt $((minutes * 6000)) ]
}

# left MINUTES: attempts that were claimed before and that nobody has forgotten. Written bit by bit, so only an agent of which
# nothing else is asked meanwhile may be asked; prune, too, takes its time.
left() {
  printf '%s OK' "$id"
  find . -mindepth 3 -maxdepth 3 -type f -name pid -mmin "+$1" | while read -r claim; do
    claim=\${claim#./} claim=\${claim%/pid}
    [ -e "$claim/gone" ] || printf ' %s' "$claim"
  done
  echo
}

# prune MINUTES: instances of which everything was forgotten before. find goes by the host's clock, which may jump: what is old by
# it is looked at, and a mark that is fresh stays.
prune() {
  minutes=$1
  for old in $(find . -mindepth 1 -maxdepth 1 -type d ! -name '.*' -mmin "+$minutes"); do
    # Looked up once: an attempt that appears meanwhile keeps its folder.
    set -- "$old"/*/
    for entry do
      [ -e "\${entry}pid" ] || continue
      [ -e "\${entry}gone" ] && ! fresh "$entry" || continue 2
    done
    [ -z "$(find "$old" -mindepth 1 -maxdepth 1 -mmin "-$minutes")" ] || continue
    # What was prepared and never claimed must not be claimed while it goes.
    for entry do
      [ ! -d "$entry" ] || [ -e "\${entry}pid" ] && continue
      once "\${entry}pid" '- - - .' && printf '' > "\${entry}gone" || continue 2
    done
    rm -rf "$@"
    rmdir "$old"
  done 2> /dev/null
  find .incoming -type f -mmin +1440 -exec rm -f {} +
  turn_over
  answer OK
}

# turn_over: begins a new .events when the old one is long. Every append opens it by its name and tail -F follows the name, so
# nothing is written into the void; but an append that was late, or a tail that was behind, may have missed the change. So
# every end that may still be of use is told once more in the new one: a hint too many costs one look at the attempt.
turn_over() {
  [ "$(wc -c < .events)" -gt 1048576 ] || return 0
  aside=".incoming/events.$$.$id"
  mv .events "$aside" || return 0
  printf '' >> .events
  sleep 1
  while read -r ended number; do
    [ ! -e "$ended/$number/pid" ] || [ -e "$ended/$number/gone" ] || printf '%s\n' "$ended $number" >> .events
  done < "$aside"
  rm -f "$aside"
}

while read -r id verb work a b c rest; do
  # stage: asked
  case $verb in
    # The outer subshell ends at once, so nobody here has to wait for the runner.
    START)
      recount
      ( ( runner "$work" "$id" "$a" "$b" "$c"; start "$rest" ) & ) ;;
    PROBE) probe "$work" ;;
    STOP) ( ( runner "$work" "$id" "$a" - -; stop ) & ) ;;
    FORGET) forget "$work" ;;
    HELLO) hello "$work" ;;
    INSPECT) inspect ;;
    PUT)
      why=$(head -c "$a" 2>&1 > ".incoming/$work") && { answer OK; continue; }
      # What is left of the payload would be taken for requests: this channel ends.
      answer "ERR IO $why"
      exit 1 ;;
    SIZES) sizes $work $a $b $c $rest ;;
    READ)
      printf '%s OK ' "$id"
      { tail -c "+$b" "$work/$a" | head -c "$c" | base64 -w0; } 2> /dev/null
      echo ;;
    OUTPUT)
      printf '%s OK ' "$id"
      [ -f "$work/io/output" ] && [ ! -h "$work/io/output" ] && head -c "$a" "$work/io/output" | base64 -w0
      echo ;;
    LEFT) left "$work" ;;
    SIZE) answer "OK $(du -sk . 2> /dev/null | { read -r kilobytes _; printf '%s' "$kilobytes"; })" ;;
    PRUNE) prune "$work" ;;
    FOLLOW)
      # Fewer lines than were seen: it is another file by now, of which nothing was seen.
      lines=$(wc -l < .events)
      [ "$work" -le $((lines + 1)) ] || work=1
      # tail learns of a dead channel only when it writes: it ends together with one that waits for stdin's end.
      files=.events
      if [ "$a" != - ] && printf '' >> .samples; then
        # The outer subshell ends at once: the sampler is no child of the tail that this becomes.
        ( sampler "$a" & )
        read -r up _ < /proc/uptime
        printf '@ %s\n' "$up"
        files='.events .samples'
      fi
      exec 3<&0
      watcher=$( { while read -r _; do :; done; } <&3 > /dev/null 2>&1 & echo $!)
      exec tail -q --pid="$watcher" -s 0.1 -n "+$work" -F $files 2> /dev/null < /dev/null 3<&- ;;
    *) answer "ERR PROTOCOL unknown request" ;;
  esac
  # stage: answered
done
`

/**
 * What an agent is made of, to be evaluated by sh with the spool as $1 and a greeting as $2. It comes with every channel, so server and host
 * never disagree about it; attempts that an earlier version started go on under that version's runners.
 */
export const HOST_SCRIPT = `spool=$1 greeting=$2\n${SPOOL_SCRIPT}\n\n${ENDING_SCRIPT}\n\n${RUNNER_SCRIPT}\n\n${SAMPLER_SCRIPT}\n\n${AGENT}\n`
