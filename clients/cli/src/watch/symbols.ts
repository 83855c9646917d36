const SYMBOLS: Readonly<Record<string, string>> = {
  SUCCEEDED: '✔',
  FAILED: '✖',
  ERRORED: '✖',
  TIMED_OUT: '✖',
  UPSTREAM_FAILED: '✖',
  CANCELED: '■',
  SKIPPED: '↷',
  RUNNING: '▶',
  DISPATCHED: '▷',
  QUEUED: '…',
  RETRY_WAIT: '↻',
  CANCELING: '■',
  UNKNOWN: '?',
}

/** The statuses that have a sign, in the order in which counts of them are shown. */
export const SHOWN_STATUSES: readonly string[] = [...Object.keys(SYMBOLS), 'PENDING']

/** One sign, one cell wide, for the status of an instance. */
export function symbolOf(status: string): string {
  return SYMBOLS[status] ?? '·'
}
