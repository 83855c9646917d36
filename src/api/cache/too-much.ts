import { CACHE_LIMITS, type CacheFull } from '../../cache/cache.js'
import { type UserError, userError } from '../user-error.js'

/** Why an entry was not kept, in words. */
export function tooMuch(what: CacheFull): UserError {
  const { entries, totalBytes } = CACHE_LIMITS
  return what === 'ENTRIES'
    ? userError('TOO_LARGE', `A run's cache has at most ${entries} entries: delete some, or let them expire`, 'key')
    : userError('TOO_LARGE', `The values of a run's cache have at most ${totalBytes} bytes together`, 'value')
}
