import type { Colour } from '../terminal.js'

/** The colour of a run's or an instance's status, the same everywhere. */
export function statusColour(status: string): Colour {
  switch (status) {
    case 'SUCCEEDED':
      return 'green'
    case 'FAILED':
    case 'ERRORED':
    case 'TIMED_OUT':
    case 'UNKNOWN':
      return 'red'
    case 'CANCELED':
    case 'CANCELING':
    case 'RETRY_WAIT':
    case 'UPSTREAM_FAILED':
    case 'PAUSED':
      return 'yellow'
    case 'RUNNING':
    case 'DISPATCHED':
      return 'blue'
    default:
      return 'gray'
  }
}
