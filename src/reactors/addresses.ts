import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'

/** Where a host is, as it was checked; the connection goes to just this address. */
export interface CheckedAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** The host leads to an address that webhooks must not reach. */
export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError'
  readonly code = 'FORBIDDEN_ADDRESS'
  constructor(readonly host: string) {
    super(`${host} leads to a private, local or reserved address; DAGBOOK_WEBHOOK_ALLOW would let it through`)
  }
}

/** Not to be reached from the Internet (IANA's special-purpose registries), or leading elsewhere than it seems. */
const RESERVED_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]
/** Of IPv6 only global unicast is reached, without what carries an IPv4 address inside. */
const GLOBAL_IPV6 = ['2000::/3']
const RESERVED_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

/** Which addresses webhooks may reach: public ones, and what the administrator lets through. */
export class Addresses {
  readonly #names: ReadonlySet<string>
  readonly #allowed: BlockList
  readonly #reserved = listOf([...RESERVED_IPV4, ...RESERVED_IPV6])
  readonly #global = listOf(GLOBAL_IPV6)

  /** `allow`: names of hosts, addresses, and blocks as 10.0.0.0/8. */
  constructor(allow: readonly string[]) {
    const isBlock = (entry: string) => isIP(entry.split('/')[0] as string) !== 0
    this.#names = new Set(allow.filter((entry) => !isBlock(entry)).map((name) => name.toLowerCase()))
    this.#allowed = listOf(allow.filter(isBlock))
  }

  /**
   * Where the URL's host is now. Throws ForbiddenAddressError when any of its addresses must not be reached, and what the
   * resolver says when it has none.
   */
  async resolve({ hostname }: URL): Promise<CheckedAddress> {
    const host = hostname.replace(/^\[|\]$/g, '')
    const found = await lookup(host, { all: true, verbatim: true })
    const isNamed = this.#names.has(host.toLowerCase())
    const isFine = isNamed || found.every(({ address, family }) => this.#isFine(address, family))
    const [first] = found
    if (!isFine || first === undefined) throw new ForbiddenAddressError(host)
    return { address: first.address, family: first.family === 6 ? 6 : 4 }
  }

  #isFine(address: string, family: number): boolean {
    const kind = family === 6 ? 'ipv6' : 'ipv4'
    // A zone (fe80::1%eth0) is none of a public address.
    if (isIP(address) !== family || address.includes('%')) return false
    if (this.#allowed.check(address, kind)) return true
    return !this.#reserved.check(address, kind) && (family === 4 || this.#global.check(address, kind))
  }
}

function listOf(blocks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const block of blocks) {
    const [address, bits] = block.split('/') as [string, string | undefined]
    const kind = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, kind)
    else list.addSubnet(address, Number(bits), kind)
  }
  return list
}
