import { type CrontabLine, crontabLine, splitPercent } from './crontab-line.js'
import { DagNames } from './dag-names.js'
import { type ImportedDag, type ImportedTask, type ImportResult, inShell, Notes } from './imported.js'

export interface CrontabOptions {
  /** The form of /etc/crontab and /etc/cron.d, where each line names a user. */
  readonly isSystem: boolean
  /** Of the host whose crontab it is, where the text has no CRON_TZ; null: not known. */
  readonly timezone: string | null
  /** The host as Dagbook knows it; needed for a line's user. */
  readonly machine: string | null
}

type Job = Extract<CrontabLine, { kind: 'JOB' }>

/** What the lines before a job say about it. */
interface Setting {
  readonly env: ReadonlyMap<string, string>
  readonly comment: readonly string[]
}

/** Cron's own variables, and what becomes of them. */
const OWN = new Set([
  'MAILTO',
  'MAILFROM',
  'CRON_TZ',
  'SHELL',
  'HOME',
  'RANDOM_DELAY',
  'CONTENT_TYPE',
  'CONTENT_TRANSFER_ENCODING',
])

/**
 * A crontab as one DAG a job, by crontab(5) of Vixie cron and cronie: times, nicknames, variables, CRON_TZ, `%`. Cron
 * starts a job whether or not the one before is still running, and forgets what it missed; so do these schedules.
 */
export function importCrontab(text: string, options: CrontabOptions): ImportResult {
  const notes = new Notes()
  const names = new DagNames(notes)
  const env = new Map<string, string>()
  const definitions: ImportedDag[] = []
  let comment: string[] = []
  text.split(/\r?\n/).forEach((content, index) => {
    const at = index + 1
    const line = crontabLine(content, options.isSystem)
    if (line.kind === 'COMMENT') comment.push(line.text)
    else {
      if (line.kind === 'VARIABLE') setVariable(line.name, line.value, at, env, notes)
      if (line.kind === 'INVALID') notes.lose(at, 'lines that are no schedule', `Line skipped: it ${line.reason}`)
      if (line.kind === 'JOB') definitions.push(dagOf(line, at, { env, comment }, options, names, notes))
      comment = []
    }
  })
  return notes.result(definitions)
}

function setVariable(name: string, value: string, line: number, env: Map<string, string>, notes: Notes): void {
  if (name.startsWith('MAIL') || name.startsWith('CONTENT_')) {
    if (value !== '') notes.lose(line, 'mail of output', `${name}: output is kept with each run, and mailed to nobody`)
  } else if (!/^[A-Za-z_]\w*$/.test(name) || name.startsWith('DAGBOOK_')) {
    notes.lose(line, 'variables with unusual names', `${name}: cannot be the name of a variable`)
  } else env.set(name, value)
}

function dagOf(
  job: Job,
  line: number,
  setting: Setting,
  options: CrontabOptions,
  names: DagNames,
  notes: Notes,
): ImportedDag {
  const { env, comment } = setting
  const name = names.take(programOf(job.command), line, `Line ${line}`)
  const description = comment.join('\n').trim()
  const key = /^[A-Za-z_][A-Za-z0-9_-]{0,99}$/.test(name) ? name : 'main'
  return {
    name,
    ...(description === '' ? {} : { description }),
    schedule: scheduleOf(job, line, env, options, notes),
    tasks: { [key]: taskOf(job, line, env, options, notes) },
  }
}

function scheduleOf(
  { when }: Job,
  line: number,
  env: ReadonlyMap<string, string>,
  { timezone }: CrontabOptions,
  notes: Notes,
): Record<string, unknown> {
  const zone = env.get('CRON_TZ') ?? timezone
  if (zone === null)
    notes.add(line, 'CHANGED', 'No CRON_TZ: the times are taken as UTC; --timezone names the host’s zone')
  const delay = env.get('RANDOM_DELAY')
  return {
    cron: when,
    timezone: zone ?? 'UTC',
    overlapPolicy: 'ALLOW_ALL',
    catchup: 'NONE',
    ...(delay !== undefined && /^\d+$/.test(delay) ? { jitter: `${delay}m` } : {}),
  }
}

function taskOf(
  { user, command: text }: Job,
  line: number,
  env: ReadonlyMap<string, string>,
  { machine }: CrontabOptions,
  notes: Notes,
): ImportedTask {
  const { command, input } = splitPercent(text)
  const shell = env.get('SHELL') ?? '/bin/sh'
  const home = env.get('HOME')
  const variables = [...env].filter(([name]) => !OWN.has(name))
  if (user !== null && machine === null) {
    notes.lose(line, 'users', `User ${user}: needs --machine, the host as Dagbook knows it, which must allow that user`)
  }
  return {
    ...(input === null
      ? inShell(shell, command)
      : { run: `printf %s "$2" | ${shell} -c "$1"`, arguments: [command, input] }),
    ...(home === undefined ? {} : { directory: home }),
    ...(variables.length === 0 ? {} : { env: Object.fromEntries(variables) }),
    ...(machine === null ? {} : { machine, ...(user === null ? {} : { user }) }),
  }
}

/** `/usr/local/bin/backup.sh --all` is `backup.sh`; variables before a program are passed over. */
function programOf(command: string): string {
  const words = command.split(/\s+/)
  const program = words.find((word) => !/^\w+=/.test(word)) ?? 'job'
  const name =
    program
      .replace(/^["']|["';&|]+$/g, '')
      .split('/')
      .at(-1) ?? ''
  return /^[A-Za-z_]/.test(name) ? name : 'job'
}
