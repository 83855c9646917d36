import { ContactError } from './contact-error.js'
import type { HostKey } from './host-keys.js'
import type { HostReport, Machine } from './machine.js'

/** What came of asking a host what it is. */
export type Probe =
  | { readonly kind: 'REACHED'; readonly report: HostReport }
  /** It showed a key that is not approved, and was sent nothing. */
  | { readonly kind: 'HOST_KEY'; readonly hostKey: HostKey; readonly message: string }
  | { readonly kind: 'FAILED'; readonly message: string }

/** Never rejects. */
export async function probe(machine: Pick<Machine, 'inspect'>): Promise<Probe> {
  try {
    return { kind: 'REACHED', report: await machine.inspect() }
  } catch (error) {
    const { message } = error as Error
    const hostKey = error instanceof ContactError ? error.hostKey : null
    return hostKey === null ? { kind: 'FAILED', message } : { kind: 'HOST_KEY', hostKey, message }
  }
}
