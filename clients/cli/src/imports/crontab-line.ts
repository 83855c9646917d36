/** One line of a crontab, taken apart. */
export type CrontabLine =
  | { readonly kind: 'BLANK' }
  | { readonly kind: 'COMMENT'; readonly text: string }
  | { readonly kind: 'VARIABLE'; readonly name: string; readonly value: string }
  | { readonly kind: 'JOB'; readonly when: string; readonly user: string | null; readonly command: string }
  | { readonly kind: 'INVALID'; readonly reason: string }

/** Vixie's and cronie's; `@reboot` is no time. */
export const NICKNAMES: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
])

const FIELD = /^[\d*/,a-z-]+$/i

/** `isSystem`: a user stands between the times and the command, as in /etc/crontab and /etc/cron.d. */
export function crontabLine(text: string, isSystem: boolean): CrontabLine {
  const line = text.trim()
  if (line === '') return { kind: 'BLANK' }
  if (line.startsWith('#')) return { kind: 'COMMENT', text: line.replace(/^#+\s?/, '') }
  const variable = /^(?:"([^"]+)"|'([^']+)'|([A-Za-z_]\w*))\s*=\s*(.*)$/.exec(line)
  if (variable !== null) {
    const [, double, single, bare, value = ''] = variable
    return { kind: 'VARIABLE', name: double ?? single ?? bare ?? '', value: unquoted(value) }
  }
  const times = line.startsWith('@') ? 1 : 5
  const parts = new RegExp(`^((?:\\S+\\s+){${times}})${isSystem ? '(\\S+)\\s+' : '()'}(.*)$`).exec(line)
  const [, when = '', user = '', command = ''] = parts ?? []
  if (parts === null || command === '') {
    return {
      kind: 'INVALID',
      reason: `needs ${times === 1 ? 'a time' : 'five times'}${isSystem ? ', a user' : ''} and a command`,
    }
  }
  // cronie: a minus before the times keeps a line out of syslog.
  const fields = when.trim().replace(/^-/, '').split(/\s+/)
  if (times === 1 && !NICKNAMES.has(fields[0]?.toLowerCase() ?? '')) {
    return { kind: 'INVALID', reason: `has ${fields[0]}, which is no time that a schedule can have` }
  }
  const strange = times === 1 ? undefined : fields.find((field) => !FIELD.test(field))
  if (strange !== undefined) return { kind: 'INVALID', reason: `has ${strange}, which a schedule cannot express` }
  const cron = times === 1 ? (NICKNAMES.get((fields[0] as string).toLowerCase()) as string) : fields.join(' ')
  return { kind: 'JOB', when: cron, user: isSystem ? user : null, command }
}

function unquoted(value: string): string {
  const quoted = /^"(.*)"$|^'(.*)'$/.exec(value.trim())
  return quoted === null ? value.trim() : (quoted[1] ?? quoted[2] ?? '')
}

/** The first `%` ends the command, what follows is its standard input with `%` for line breaks; `\%` is a percent sign. */
export function splitPercent(command: string): { readonly command: string; readonly input: string | null } {
  const parts = command.split(/(?<!\\)%/).map((part) => part.replaceAll('\\%', '%'))
  const [first = '', ...rest] = parts
  return { command: first.trimEnd(), input: rest.length === 0 ? null : `${rest.join('\n')}\n` }
}
