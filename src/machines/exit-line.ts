import type { AttemptExit } from './machine.js'

/** What the runner wrote of an end; the sizes of the streams are read from the files. */
export type ExitRecord = Omit<AttemptExit, 'stdoutBytes' | 'stderrBytes'>

const EXIT_LINE = /^(\d+) (\d+) (EXITED|TIMED_OUT|STOPPED) (\d+) (\S+) (\S+)(?: (yes|no|-))? (\S+) \.$/

/** Reads `pid code cause hundredths user system oom escaped .`; null when that is no whole record. Earlier runners wrote no `oom`. */
export function parseExitLine(line: string): ExitRecord | null {
  const [, pid, code, cause, hundredths, user, system, oom, escaped] = EXIT_LINE.exec(line) ?? []
  if (pid === undefined) return null
  return {
    pid: Number(pid),
    exitCode: Number(code),
    cause: cause as ExitRecord['cause'],
    cpuSeconds: Math.round((seconds(user) + seconds(system)) * 1000) / 1000,
    durationMs: Number(hundredths) * 10,
    wasOutOfMemory: oom === undefined || oom === '-' ? null : oom === 'yes',
    escaped: escapedOf(escaped ?? '-'),
  }
}

/** `1m2.340000s`, as the shell's `times` has it. */
function seconds(text = ''): number {
  const [, minutes = '0', rest = '0'] = /^(\d+)m([\d.]+)s$/.exec(text) ?? []
  return Number(minutes) * 60 + Number(rest)
}

/** `4711:sleep,4712:sh:lives,`; the last one may be cut off. */
function escapedOf(text: string): string[] {
  const found = new Map<string, string>()
  for (const part of text.split(',')) {
    const [, pid = '', name = '', lives] = /^(\d+):([^:]+)(:lives)?$/.exec(part) ?? []
    if (pid !== '') found.set(pid, `${pid} ${name}${lives === undefined ? '' : ' (would not end)'}`)
  }
  return [...found.values()]
}
