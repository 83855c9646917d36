import { type Refused, refuse } from '../domain/rejection.js'
import type { HostKey } from '../machines/host-keys.js'
import { type KnownHostsWarning, knownHostKeys, mayConcern, readKnownHosts } from '../machines/known-hosts.js'
import { HOST_KEY_TYPES } from '../machines/ssh-algorithms.js'

/** What a file in the format of known_hosts says of one host. */
export interface KnownHostKeys {
  readonly pinned: readonly HostKey[]
  readonly revoked: readonly HostKey[]
}

const MAX_TEXT = 40_000
const MAX_LINES_TOLD = 10

/**
 * The keys that the text has for a host. Refused where it has none, and where a line that may be about the host cannot be
 * taken: it might revoke a key. Lines about others do not matter.
 */
export function readKnownHost(text: string, host: string, port: number): KnownHostKeys | Refused {
  const where = `${host}:${port}`
  if (text.length > MAX_TEXT) {
    const rule = `must have at most ${MAX_TEXT} characters, given ${text.length}: give the lines of ${host} (ssh-keygen -F) alone`
    return refuse('TOO_LARGE', `Machine knownHosts ${rule}`, ['knownHosts'])
  }
  const { entries, warnings } = readKnownHosts(text)
  const unread = warnings.filter((warning) => mayConcern(warning, host, port))
  if (unread.length > 0) {
    const rule = `must have only lines about ${where} that can be read, given ${told(unread)}`
    return refuse('INVALID', `Machine knownHosts ${rule}`, ['knownHosts'])
  }
  const known = knownHostKeys(entries, host, port)
  const pinned = known.pinned.filter(({ key }) => !known.revoked.some((revoked) => revoked.key === key))
  if (pinned.length > 0) return { ...known, pinned }
  const given = known.revoked.length > 0 ? 'revoked ones only' : `${entries.length} keys of others`
  return refuse('INVALID', `Machine knownHosts must have a key of ${where}, given ${given}`, ['knownHosts'])
}

/**
 * The fingerprint to approve, by what the host shows; while it shows nothing, of the key that it would be asked for
 * first. Refused when it shows another key than the known ones, or a revoked one.
 */
export function knownFingerprint(known: KnownHostKeys, shown: string | null): string | Refused {
  const { pinned, revoked } = known
  if (shown === null) return ([...pinned].sort(byPreference)[0] as HostKey).fingerprint
  if (pinned.some(({ fingerprint }) => fingerprint === shown)) return shown
  const isRevoked = revoked.some(({ fingerprint }) => fingerprint === shown)
  const rule = isRevoked ? 'revokes the key that the host shows' : 'must have the key that the host shows'
  const keys = pinned.map(({ type, fingerprint }) => `${type} ${fingerprint}`).join(', ')
  return refuse('CONFLICT', `Machine knownHosts ${rule} (${shown}), given ${keys}`, ['knownHosts'])
}

function byPreference(a: HostKey, b: HostKey): number {
  const order: readonly string[] = HOST_KEY_TYPES
  return order.indexOf(a.type) - order.indexOf(b.type)
}

function told(warnings: readonly KnownHostsWarning[]): string {
  const lines = warnings.slice(0, MAX_LINES_TOLD).map(({ line, message }) => `line ${line}: ${message}`)
  const more = warnings.length > MAX_LINES_TOLD ? [`${warnings.length - MAX_LINES_TOLD} more`] : []
  return [...lines, ...more].join('; ')
}
