import type { DestinationStream } from 'pino'

/** Rewrites pino's lines for a person: `12:41:07 INFO  Listening  port=4000`, a stack on the lines below. */
export class PlainLines implements DestinationStream {
  constructor(private readonly out: DestinationStream) {}

  write(line: string): void {
    this.out.write(plainLine(line))
  }
}

function plainLine(line: string): string {
  let entry: Record<string, unknown>
  try {
    entry = JSON.parse(line) as Record<string, unknown>
  } catch {
    return line
  }
  const { time, level, msg, err, ...fields } = entry
  const words = [String(time).slice(11, 19), String(level).toUpperCase().padEnd(5), String(msg ?? '')]
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${fieldText(value)}`)
  const head = pairs.length === 0 ? words.join(' ') : `${words.join(' ')}  ${pairs.join(' ')}`
  return `${head}${errorText(err, String(msg ?? ''))}\n`
}

function fieldText(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
}

function errorText(error: unknown, message: string): string {
  if (error === undefined) return ''
  const { stack, message: reason } = error as { stack?: string; message?: string }
  const text = stack ?? (reason === message ? '' : (reason ?? JSON.stringify(error)))
  return text === '' ? '' : `\n${text.replace(/^/gm, '    ')}`
}
