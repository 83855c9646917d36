/** What the process answers to its caller; docs/cli.md documents each. */
export const EXIT = {
  OK: 0,
  /** The run ended, but not SUCCEEDED. */
  RUN_NOT_SUCCEEDED: 1,
  /** The machine was contacted, but cannot execute. */
  MACHINE_NOT_ONLINE: 1,
  USAGE: 2,
  /** The definition has problems, or the server refused the input. */
  REFUSED: 3,
  NOT_ALLOWED: 4,
  NOT_FOUND: 5,
  /** The server cannot be reached, or failed. */
  SERVER: 6,
  /** As a shell reports SIGINT. */
  INTERRUPTED: 130,
  /** As a shell reports SIGPIPE: the reader of the output went away. */
  OUTPUT_CLOSED: 141,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
