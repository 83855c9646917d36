import { createHash, timingSafeEqual } from 'node:crypto'

/** A host's public key. */
export interface HostKey {
  /** As the key itself names it: `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa` ... */
  readonly type: string
  /** The key's SSH wire form in base64, as in known_hosts. */
  readonly key: string
  /** As OpenSSH shows it: `SHA256:` and 43 characters of base64. */
  readonly fingerprint: string
}

/** What a host's key is to us. */
export type HostKeyVerdict = 'PINNED' | 'UNKNOWN' | 'CHANGED' | 'REVOKED'

/** The key in SSH wire form (RFC 4253, 6.6); null when it is none. */
export function hostKeyOf(blob: Buffer): HostKey | null {
  const type = typeOf(blob)
  if (type === null) return null
  const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')
  return { type, key: blob.toString('base64'), fingerprint: `SHA256:${digest}` }
}

/** Reads `ssh-ed25519 AAAA...`, with or without a comment; null when that is no public key. */
export function parseHostKey(line: string): HostKey | null {
  const [type, key = ''] = line.trim().split(/\s+/)
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(key)) return null
  const parsed = hostKeyOf(Buffer.from(key, 'base64'))
  return parsed?.type === type ? parsed : null
}

/**
 * Compares whole keys, not fingerprints. A revoked key is refused even if it is pinned; any key of a host of which others
 * are pinned counts as CHANGED, whatever its type.
 */
export function judgeHostKey(
  offered: HostKey,
  pinned: readonly HostKey[],
  revoked: readonly HostKey[] = [],
): HostKeyVerdict {
  if (revoked.some((key) => isSame(key, offered))) return 'REVOKED'
  if (pinned.some((key) => isSame(key, offered))) return 'PINNED'
  return pinned.length === 0 ? 'UNKNOWN' : 'CHANGED'
}

function isSame(one: HostKey, other: HostKey): boolean {
  const [a, b] = [Buffer.from(one.key, 'base64'), Buffer.from(other.key, 'base64')]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** A wire form begins with its type as a string; the rest is at least one more. */
function typeOf(blob: Buffer): string | null {
  if (blob.length < 9) return null
  const length = blob.readUInt32BE(0)
  if (length === 0 || length > 64 || blob.length < 4 + length + 4) return null
  const type = blob.toString('latin1', 4, 4 + length)
  return /^[a-z0-9@.-]+$/.test(type) ? type : null
}
