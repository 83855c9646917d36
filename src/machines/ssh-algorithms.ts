import type { Algorithms, ServerHostKeyAlgorithm } from 'ssh2'
import type { HostKey } from './host-keys.js'

/** Types of host keys as connections ask for them, best first. */
export const HOST_KEY_TYPES = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
] as const

/** An RSA key signs by SHA-2 alone. */
const RSA: readonly ServerHostKeyAlgorithm[] = ['rsa-sha2-512', 'rsa-sha2-256']

const HOST_KEY_ALGORITHMS: readonly ServerHostKeyAlgorithm[] = HOST_KEY_TYPES.flatMap((type) =>
  type === 'ssh-rsa' ? RSA : [type],
)

/**
 * All that is ever offered, best first. Source: the defaults of OpenSSH 9.2's client (ssh_config(5): KexAlgorithms, Ciphers,
 * MACs, HostKeyAlgorithms) as far as ssh2 knows them, less SHA-1 (hmac-sha1*) and chacha20-poly1305, which a server
 * without strict key exchange leaves open to prefix truncation (CVE-2023-48795) and of which no server is in need.
 * Host key algorithms of the pinned keys go first, so that a host with several keys shows one that we know.
 */
export function safeAlgorithms(pinned: readonly HostKey[]): Algorithms {
  const isPinned = (algorithm: string) => pinned.some(({ type }) => type === typeOf(algorithm))
  return {
    kex: [
      'curve25519-sha256',
      'curve25519-sha256@libssh.org',
      'ecdh-sha2-nistp256',
      'ecdh-sha2-nistp384',
      'ecdh-sha2-nistp521',
      'diffie-hellman-group-exchange-sha256',
      'diffie-hellman-group16-sha512',
      'diffie-hellman-group18-sha512',
      'diffie-hellman-group14-sha256',
    ],
    cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'],
    hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
    serverHostKey: [
      ...HOST_KEY_ALGORITHMS.filter(isPinned),
      ...HOST_KEY_ALGORITHMS.filter((algorithm) => !isPinned(algorithm)),
    ],
    compress: ['none'],
  }
}

/** The type of key that an algorithm signs with. */
function typeOf(algorithm: string): string {
  return algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm
}
