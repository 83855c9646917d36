import type { ParsedKey } from 'ssh2'
import { ContactError } from './contact-error.js'
import { hostKeyOf } from './host-keys.js'
import { LoginKey } from './login-key.js'

/**
 * The fingerprint of a private key's public half, as `ssh-keygen -l` shows it. Throws ContactError (PRIVATE_KEY) for what
 * is no private key, or one with a passphrase: nobody is there to type it.
 */
export function privateKeyFingerprint(text: string): string {
  let identity: ParsedKey | undefined
  // It has its one key at hand, so it calls back at once.
  new LoginKey(text).getIdentities((_, keys) => {
    identity = keys?.[0] as ParsedKey | undefined
  })
  const publicKey = identity === undefined ? null : hostKeyOf(identity.getPublicSSH())
  if (publicKey === null) throw new ContactError('PRIVATE_KEY', 'The private key has no public half')
  return publicKey.fingerprint
}
