/**
 * Lines that keep a promise, and the test that fails without them. `npm run guards` takes each away in a copy of the project
 * and runs its test; a guard whose test still passes is one that nobody would miss.
 *
 * @typedef {object} Guard
 * @property {string} keeps What it keeps.
 * @property {string} file
 * @property {readonly (readonly [from: string, to: string])[]} edits Each `from` is in the file once.
 * @property {string} test The beginning of the test file's path.
 * @property {string} name Words of the test's name.
 */

const raw = String.raw
const RUNNER = 'src/machines/runner-script.ts'
const SPOOL = 'src/machines/spool-script.ts'
const AGENT = 'src/machines/agent-script.ts'
const LOCAL = 'test/machines/local.e2e'
const IDENTITY = 'test/machines/identity.e2e'

/** @type {readonly Guard[]} */
export const GUARDS = [
  {
    keeps: 'a fence starts once on its host',
    file: RUNNER,
    edits: [
      [`  if [ -e "$entry/pid" ]; then reply 'OK EXISTS'; exit 0; fi\n  check`, '  check'],
      [
        raw`  set -C
  {
    opened=1
    # stage: claiming`,
        raw`  {
    opened=1
    # stage: claiming`,
      ],
    ],
    test: LOCAL,
    name: 'starts the same fence once',
  },
  {
    keeps: 'a host refuses a fence that is older than what it has seen',
    file: RUNNER,
    edits: [[`  if [ -n "$later" ]; then withdraw; reply "OK FENCED $later"; exit 0; fi\n`, '']],
    test: LOCAL,
    name: 'refuses a lower fence than the host has seen',
  },
  {
    keeps: 'nothing starts beside an earlier attempt that lives',
    file: RUNNER,
    edits: [[`  if [ -n "$earlier" ]; then withdraw; reply "OK EARLIER_ALIVE $earlier"; exit 0; fi\n`, '']],
    test: LOCAL,
    name: 'does not start beside an earlier attempt that lives',
  },
  {
    keeps: 'what was stopped before its start never starts',
    file: RUNNER,
    edits: [[`    once "$entry/pid" '- - - .'\n`, '    :\n']],
    test: LOCAL,
    name: 'never starts what was stopped before its start',
  },
  {
    keeps: 'what lives is not forgotten',
    file: AGENT,
    edits: [[`  if busy "$entry"; then answer "ERR BUSY pid $pid"; return; fi\n`, '']],
    test: LOCAL,
    name: 'does not forget what lives',
  },
  {
    keeps: 'what a command left behind is ended and reported',
    file: 'src/machines/ending-script.ts',
    edits: [['    suspects || return\n', '    return\n']],
    test: LOCAL,
    name: 'ends what the command left behind, and reports it',
  },
  {
    keeps: 'an output that is a link is not followed by an agent',
    file: AGENT,
    edits: [[' && [ ! -h "$work/io/output" ]', '']],
    test: 'test/machines/ssh.e2e',
    name: 'does not follow an output that is a link',
  },
  {
    keeps: 'a process number that a stranger has by now is not the attempt',
    file: SPOOL,
    edits: [['started "$1" && [ "$start" = "$2" ]; }', 'started "$1"; }']],
    test: IDENTITY,
    name: 'whose start time differs is not taken for running',
  },
  {
    keeps: 'another boot of the host proves that an attempt is lost',
    file: SPOOL,
    edits: [
      [`  if [ "$owner_boot" != "$boot" ]; then state=LOST reason='the host has restarted since'; return; fi\n`, ''],
    ],
    test: IDENTITY,
    name: 'of another boot proves the loss',
  },
  {
    keeps: 'a host key that was revoked is refused although it is approved',
    file: 'src/machines/host-keys.ts',
    edits: [["  if (revoked.some((key) => isSame(key, offered))) return 'REVOKED'\n", '']],
    test: 'test/machines/ssh-refusals.e2e',
    name: 'that was revoked is refused although it is approved',
  },
  {
    keeps: 'a host key that is another one than approved is refused',
    file: 'src/machines/host-keys.ts',
    edits: [
      ["return pinned.length === 0 ? 'UNKNOWN' : 'CHANGED'", "return pinned.length === 0 ? 'UNKNOWN' : 'PINNED'"],
    ],
    test: 'test/machines/ssh-refusals.e2e',
    name: 'that is another one than approved is refused, also in a reconnect',
  },
  {
    keeps: 'a host that was made anew is not taken for the one before',
    file: 'src/machines/ssh.ts',
    edits: [
      [
        '    if (known.spoolId === seen.spoolId && known.machineId === seen.machineId) return\n',
        '    if (known !== null) return\n',
      ],
    ],
    test: 'test/machines/ssh-logins.e2e',
    name: 'that was made anew: ANOTHER_HOST',
  },
  {
    keeps: 'a connection that stands still is noticed',
    file: 'src/machines/ssh-connection.ts',
    edits: [['      if (silent <= keepaliveMisses) return\n', '      if (silent <= 1e9) return\n']],
    test: 'test/machines/ssh-pool.e2e',
    name: 'that stands still is noticed within its keepalives',
  },
  {
    keeps: 'lost contact is no end of an attempt',
    file: 'src/engines/contact.ts',
    edits: [['        if (isAnswer(error)) {', '        if (isAnswer(error) || !isLost) {']],
    test: 'test/dispatcher/infrastructure.e2e',
    name: 'a machine that does not answer makes an attempt UNKNOWN',
  },
  {
    keeps: 'of an attempt that another has taken over, or of an earlier one, nothing is believed',
    file: 'src/domain/run/evolve.ts',
    edits: [['  return isLive(instance) && instance.fence === fence\n', '  return isLive(instance)\n']],
    test: 'test/domain/run/decide-report.unit',
    name: '',
  },
  {
    keeps: 'a task runs as a user whom its machine allows at the moment of its start',
    file: 'src/dispatcher/dispatcher.ts',
    edits: [['    if (!mayRunAsUser) {', '    if (!mayRunAsUser && isStarted) {']],
    test: 'test/dispatcher/over-ssh.e2e',
    name: 'as a user whom the machine allows',
  },
  {
    keeps: 'what is claimed on a machine that was removed meanwhile is not started',
    file: 'src/dispatcher/dispatcher.ts',
    edits: [['    if (isNew && isMachineRemoved) ', '    if (isNew && isMachineRemoved && isStarted) ']],
    test: 'test/dispatcher/over-ssh.e2e',
    name: 'what is claimed on a machine that is removed at that moment is not sent there',
  },
  {
    keeps: 'the beginning of a secret is not stored before it is known to be none',
    file: 'src/dispatcher/mask.ts',
    edits: [['Math.max(0, ...this.#searches.map(({ matched }) => matched))', '0']],
    test: 'test/dispatcher/mask.unit',
    name: '',
  },
]
