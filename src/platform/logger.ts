import { isatty } from 'node:tty'
import pino, { type DestinationStream, type Logger as PinoLogger } from 'pino'
import { systemClock } from './clock.js'
import { PlainLines } from './plain-lines.js'
import { CENSORED, redactFields, redactText } from './redact.js'

/** Writes lines of JSON, or plain lines on a terminal. `child({ requestId })` adds its fields to every line. */
export type Logger = PinoLogger

export interface LoggerOptions {
  readonly level: string
  /** Programs whose result is on stdout log to stderr. Default stdout. */
  readonly stream?: 'stdout' | 'stderr'
  /** Instead of the stream; for tests. */
  readonly destination?: DestinationStream
  /** Lines for people instead of JSON. Default: when the stream is a terminal. */
  readonly isPlain?: boolean
}

/** pino shows a child's own fields to no formatter, only to its own redaction, which knows exact names. */
const SECRETS_OF_CHILDREN = [
  'password',
  'token',
  'secret',
  'authorization',
  'cookie',
  'secretKey',
  'privateKey',
].concat(['accessToken', 'refreshToken', 'adminPassword', 'apiKey', 'headers.authorization', 'headers.cookie'])

/**
 * The process's logger. Values under the names of secrets, passwords in URLs and bearer tokens are replaced on their
 * way out. Lines are written at once, so the last one before an exit is not lost.
 */
export function createLogger(options: LoggerOptions): Logger {
  const fd = options.stream === 'stderr' ? 2 : 1
  const isPlain = options.isPlain ?? (options.destination === undefined && isatty(fd))
  const raw = options.destination ?? pino.destination({ fd, sync: true })
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${systemClock.now().toISOString()}"`,
      formatters: {
        level: (label) => ({ level: label }),
        log: redactFields,
      },
      redact: { paths: SECRETS_OF_CHILDREN, censor: CENSORED },
      hooks: { streamWrite: redactText },
    },
    isPlain ? new PlainLines(raw) : raw,
  )
}

/** Says nothing, for tests and for callers that do not care. */
export const silentLogger: Logger = pino({ level: 'silent' })
