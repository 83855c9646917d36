import { createHmac, timingSafeEqual } from 'node:crypto'
import { type HostKey, parseHostKey } from './host-keys.js'

/** A line of a known_hosts file that names a key. */
export interface KnownHost {
  /** 1-based. */
  readonly line: number
  /** `@revoked`: a key that nobody may show any more. */
  readonly isRevoked: boolean
  /** As the line has them: patterns with commas between, or one name that is hashed. */
  readonly hosts: string
  readonly key: HostKey
}

/** A line that is not taken, and why. */
export interface KnownHostsWarning {
  /** 1-based. */
  readonly line: number
  readonly message: string
  /** Whom it is about, as the line has them; empty when it does not come to that. */
  readonly hosts: string
}

export interface KnownHosts {
  readonly entries: readonly KnownHost[]
  readonly warnings: readonly KnownHostsWarning[]
}

/** Types that a host can prove itself with here; ssh-algorithms.ts has what they sign with. */
const TYPES = /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa)$/

/** Reads a file in the format of sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. What cannot be taken is warned of, never thrown. */
export function readKnownHosts(text: string): KnownHosts {
  const entries: KnownHost[] = []
  const warnings: KnownHostsWarning[] = []
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const content = raw.trim()
    if (content === '' || content.startsWith('#')) continue
    const entry = readLine(content, index + 1)
    if ('message' in entry) warnings.push(entry)
    else entries.push(entry)
  }
  return { entries, warnings }
}

/** The keys that these entries have for a host, each once: what may be pinned, and what is revoked. */
export function knownHostKeys(
  entries: readonly KnownHost[],
  host: string,
  port: number,
): { readonly pinned: readonly HostKey[]; readonly revoked: readonly HostKey[] } {
  const name = nameOf(host, port)
  const mine = entries.filter(({ hosts }) => isAbout(hosts, name))
  const keys = (isRevoked: boolean) => [
    ...new Map(mine.filter((entry) => entry.isRevoked === isRevoked).map(({ key }) => [key.key, key])).values(),
  ]
  return { pinned: keys(false), revoked: keys(true) }
}

/** Whether a line that was not taken may be about the host: its names say so, or cannot be read. */
export function mayConcern({ hosts }: KnownHostsWarning, host: string, port: number): boolean {
  if (hosts === '' || (hosts.startsWith('|') && partsOf(hosts) === null)) return true
  return isAbout(hosts, nameOf(host, port))
}

function nameOf(host: string, port: number): string {
  const lower = host.toLowerCase()
  return port === 22 ? lower : `[${lower}]:${port}`
}

function isAbout(hosts: string, name: string): boolean {
  return hosts.startsWith('|') ? isHashOf(hosts, name) : matches(hosts, name)
}

function readLine(content: string, line: number): KnownHost | KnownHostsWarning {
  const words = content.split(/[ \t]+/)
  const marker = words[0]?.startsWith('@') ? words.shift() : undefined
  const [hosts = '', type = '', key = ''] = words
  const warning = (message: string) => ({ line, message, hosts })
  if (marker === '@cert-authority') return warning('Certificate authorities are not supported: pin the keys of hosts')
  if (marker !== undefined && marker !== '@revoked') return warning(`The marker ${marker} is not known`)
  if (/^\d+$/.test(type)) return warning('Keys of SSH protocol 1 are not supported')
  if (!TYPES.test(type)) return warning(type === '' ? 'The line has no key' : `Keys of type ${type} are not supported`)
  const parsed = parseHostKey(`${type} ${key}`)
  if (parsed === null) return warning(`The key is not one of type ${type}`)
  if (hosts.startsWith('|') && partsOf(hosts) === null) return warning('The hashed name cannot be read')
  return { line, isRevoked: marker === '@revoked', hosts, key: parsed }
}

/** `|1|salt|hash`, both in base64, of 20 bytes each. */
function partsOf(hashed: string): { readonly salt: Buffer; readonly hash: Buffer } | null {
  const [, version, salt64, hash64, ...rest] = hashed.split('|')
  if (version !== '1' || salt64 === undefined || hash64 === undefined || rest.length > 0) return null
  const [salt, hash] = [Buffer.from(salt64, 'base64'), Buffer.from(hash64, 'base64')]
  return salt.length === 20 && hash.length === 20 ? { salt, hash } : null
}

/** SHA-1 because the format is so: it hides names, it proves nothing. */
function isHashOf(hashed: string, name: string): boolean {
  const parts = partsOf(hashed)
  return parts !== null && timingSafeEqual(createHmac('sha1', parts.salt).update(name).digest(), parts.hash)
}

/** One pattern has to fit, and none with a "!" in front of it. */
function matches(patterns: string, name: string): boolean {
  let isMatch = false
  for (const pattern of patterns.toLowerCase().split(',')) {
    if (pattern.startsWith('!')) {
      if (fits(pattern.slice(1), name)) return false
    } else if (fits(pattern, name)) isMatch = true
  }
  return isMatch
}

/** "*" for any characters, "?" for one. In linear memory and without a regular expression: the file is somebody else's. */
function fits(pattern: string, name: string): boolean {
  let [at, from, star, mark] = [0, 0, -1, 0]
  while (from < name.length) {
    if (pattern[at] === '*') {
      star = at++
      mark = from
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[from])) {
      at += 1
      from += 1
    } else if (star !== -1) {
      at = star + 1
      from = ++mark
    } else return false
  }
  while (pattern[at] === '*') at += 1
  return at === pattern.length
}
