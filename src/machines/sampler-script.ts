import { sh } from './sh.js'

/**
 * What every attempt of a spool uses, measured by one process per spool: awk that reads /proc, and a pulse that tells it once a
 * second which processes there are. So a second costs two forks, however many attempts run: the pulse's `sleep`, and, where there are
 * new processes, one `grep` for the environment of all of them (mawk cannot read what has NUL in it).
 *
 *   $spool/.sampler    who measures: pid, start time, boot id. Whoever finds it dead puts itself there, and begins a pulse later if
 *                      it is still named: of two that want it at once, the one whose name was overwritten never begins.
 *   $spool/.samples    one line per sample, followed together with .events:
 *                      + instance fence uptime covered cpu memory threads processes read written cpus total available
 *                      uptime and covered in hundredths of seconds, cpu in hundredths of a percent of one core, memory, read and
 *                      written in bytes, total and available (the host's memory) in kB; "-" for what cannot be read.
 *
 * The processes of an attempt are those that an end would look for: of its session, or with its token in their environment.
 * A new attempt is measured as soon as it is 0.2 s old, then at twice its age, until that is the interval.
 */
const MEASURE = sh`
function stat(p, l, all, f) {
  all = ""
  while ((getline l < (p "/stat")) > 0) all = all " " l
  close(p "/stat")
  sub(/^.*\) /, "", all)
  if (split(all, f, " ") < 22) return 0
  state = f[1]; session = f[4]; used = f[12] + f[13] + f[14] + f[15]; threads = f[18]; begun = f[20]; pages = f[22]
  return 1
}
function tokens(files, l, p) {
  l = "exec grep -aosHE 'DAGBOOK_ATTEMPT_TOKEN=[A-Za-z0-9_-]+/[0-9]+;'" files
  files = l
  while ((files | getline l) > 0) {
    p = substr(l, 1, index(l, "/environ:") - 1)
    if (!(p in token)) token[p] = substr(l, length(p) + 32, length(l) - length(p) - 32)
  }
  close(files)
}
function ask(p, files, n) {
  n = 0
  for (p in fresh) {
    # No command is in the session of an agent: what the pulse itself starts needs no look.
    if (!stat(p) || session == mine) {
      if (session == mine) owner[p] = ""
      delete fresh[p]
      continue
    }
    files = files " " p "/environ"
    if (++n % 2000 == 0) { tokens(files); files = "" }
  }
  if (files != "") tokens(files)
}
function known(a, l, f, n) {
  if (a in task) return 1
  n = 0
  if ((getline l < (a "/task")) > 0) n = split(l, f, " ")
  close(a "/task")
  if (n < 3) return 0
  task[a] = f[1]; since[a] = f[2] / hz; due[a] = since[a] + 0.2; before[a] = 0; at[a] = since[a]
  read[a] = 0; written[a] = 0
  if (!stat("/proc/" f[1]) || begun == f[2]) of[f[1]] = a
  return 1
}
function join(p, a) { owner[p] = a; start[p] = begun }
function learn(p) {
  if (!(p in token) || !known(token[p])) rest[p] = 1
  else if (stat(p)) join(p, token[p])
  else delete seen[p]
}
function place(p) {
  if (!stat(p)) delete seen[p]
  else if (session in of) join(p, of[session])
  else if (now - begun / hz > 3) owner[p] = ""
}
function leave(p, a) {
  a = owner[p]
  delete owner[p]; delete seen[p]; delete start[p]
}
function forget(a) {
  if (of[task[a]] == a) delete of[task[a]]
  delete task[a]; delete since[a]; delete due[a]; delete before[a]; delete at[a]; delete read[a]; delete written[a]
}
function io(p, a, l, f) {
  while ((getline l < (p "/io")) > 0) {
    split(l, f, " ")
    if (f[1] == "read_bytes:") { bytesread[a] += f[2]; readable[a] = 1 }
    if (f[1] == "write_bytes:") byteswritten[a] += f[2]
  }
  close(p "/io")
}
function count(p, a) {
  if (due[a] > now) { lives[a] = 1; return }
  if (!stat(p) || begun != start[p]) { leave(p); return }
  lives[a] = 1
  cpu[a] += used
  if (state == "Z" || state == "X") return
  memory[a] += pages; many[a] += 1; running[a] += threads
  io(p, a)
}
function host(l, f) {
  total = "-"; available = "-"
  while ((getline l < "/proc/meminfo") > 0) {
    split(l, f, " ")
    if (f[1] == "MemTotal:") total = f[2]
    if (f[1] == "MemAvailable:") { available = f[2]; break }
  }
  close("/proc/meminfo")
}
function tell(a, covered, age, line) {
  covered = now - at[a]; age = now - since[a]
  due[a] = now + (age < tick ? tick : age < every ? age : every) - tick / 2
  if (covered <= 0) return
  if (cpu[a] < before[a]) cpu[a] = before[a]
  if (bytesread[a] > read[a]) read[a] = bytesread[a]
  if (byteswritten[a] > written[a]) written[a] = byteswritten[a]
  line = a
  sub("/", " ", line)
  line = "+ " line sprintf(" %.0f %.0f %.0f", now * 100, covered * 100, (cpu[a] - before[a]) / hz / covered * 10000)
  line = line sprintf(" %.0f %d %d", memory[a] * page, running[a], many[a])
  line = line (a in readable ? sprintf(" %.0f %.0f", read[a], written[a]) : " - -")
  if (size > 262144) { close(".samples"); printf "" > ".samples"; close(".samples"); size = 0 }
  print line " " cpus " " total " " available >> ".samples"
  fflush(".samples")
  size += length(line) + 30
  before[a] = cpu[a]; at[a] = now
}
function round(p, a, isdue) {
  ask()
  for (p in fresh) learn(p)
  for (p in rest) place(p)
  for (p in seen) if (seen[p] != turn) leave(p)
  for (p in start) count(p, owner[p])
  for (a in many) isdue = 1
  if (isdue) host()
  for (a in many) tell(a)
  for (a in task) if (!(a in lives)) forget(a)
  split("", fresh); split("", token); split("", rest); split("", lives); split("", cpu); split("", memory); split("", many)
  split("", running); split("", bytesread); split("", byteswritten); split("", readable)
}
BEGIN {
  size = 0
  while ((getline line < "/proc/stat") > 0) if (line ~ /^cpu[0-9]/) cpus++
  close("/proc/stat")
  while ((getline line < ".samples") > 0) size += length(line) + 1
  close(".samples")
}
/^\// { if (!($1 in seen) || !($1 in owner)) fresh[$1] = 1; seen[$1] = turn; next }
{ now = $1; round(); turn++ }
`

const PULSE = sh`
# appointed: am I the one who measures? Whoever is not, while that one is dead, proposes itself.
appointed() {
  named=''
  { read -r named < .sampler; } 2> /dev/null
  [ "$named" = "$me" ] && return
  set -- $named
  [ "$4" = . ] && [ "$3" = "$boot" ] && alive "$1" "$2" && return 1
  printf '%s\n' "$me" > .sampler
  return 1
}

# pulse: what is there, once a tick, for as long as I am appointed and the agent lives that I belong to
pulse() {
  while appointed && alive "$$" "$agent_start"; do
    read -r up _ < /proc/uptime
    printf '%s\n' /proc/[0-9]* "$up" || return
    sleep "$tick"
  done
}

# sampler SECONDS: measures until the agent ends, at that interval. It holds nothing of the agent's channel.
sampler() {
  exec > /dev/null 2>&1 < /dev/null
  trap '' PIPE HUP
  command -v awk || return
  every=$1 tick=1
  case $every in 0.*) tick=$every ;; esac
  started "$$" || return
  agent_start=$start
  read -r self _ < /proc/self/stat
  started "$self"
  me="$self $start $boot ." mine=$session
  hz=$(getconf CLK_TCK || echo 100) page=$(getconf PAGESIZE || echo 4096)
  # mawk waits for a full buffer otherwise; others do not know the option and do not need it.
  now_or_later=''
  awk -W interactive 'BEGIN { exit 0 }' && now_or_later='-W interactive'
  while alive "$$" "$agent_start"; do
    appointed && pulse | awk $now_or_later -v "mine=$mine" -v "hz=$hz" -v "page=$page" -v "every=$every" -v "tick=$tick" -f /dev/fd/5 5<< 'DAGBOOK_AWK'
`

const REST = sh`
DAGBOOK_AWK
    sleep "$tick"
  done
}
`

export const SAMPLER_SCRIPT = `${PULSE}\n${MEASURE}\n${REST}`
