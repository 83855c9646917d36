import { createCipheriv, createDecipheriv, createHash, type KeyObject, randomBytes } from 'node:crypto'
import type { SecretKey } from './secret-key.js'

/**
 * Encryption at rest: AES-256-GCM.
 *
 *   version 1 | key id, 4 bytes | nonce, 12 bytes | ciphertext | tag, 16 bytes
 *
 * Version and key id are authenticated too, so that keys can be changed later: old values name the key they need.
 */
export interface Encryption {
  /** `context` says what the value belongs to (`secret:project_01j...:TOKEN`); the same is needed to read it. */
  encrypt(plaintext: string | Buffer, context: string): Buffer
  /** Throws DecryptionError. */
  decrypt(sealed: Buffer, context: string): Buffer
}

/** The bytes cannot be read: not of this format, of another key, or changed, moved or cut since they were written. */
export class DecryptionError extends Error {
  override readonly name = 'DecryptionError'
  constructor(
    readonly code: 'UNKNOWN_FORMAT' | 'UNKNOWN_KEY' | 'NOT_AUTHENTIC',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

const VERSION = 1
const NONCE_AT = 5
const TEXT_AT = 17
const TAG_LENGTH = 16

/** Encrypts with the key that the secret key has for `encryption`. */
export function createEncryption(secretKey: SecretKey): Encryption {
  const key = secretKey.deriveKey('encryption')
  const header = Buffer.concat([Buffer.from([VERSION]), keyIdOf(secretKey.deriveKey('encryption-key-id'))])
  return {
    encrypt: (plaintext, context) => seal(key, header, plaintext, context),
    decrypt: (sealed, context) => unseal(key, header, sealed, context),
  }
}

/** Names the key without telling of it: it comes from a key of its own. */
function keyIdOf(key: KeyObject): Buffer {
  return createHash('sha256').update(key.export()).digest().subarray(0, 4)
}

function seal(key: KeyObject, header: Buffer, plaintext: string | Buffer, context: string): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.concat([header, Buffer.from(context)]))
  const text = Buffer.concat([cipher.update(plaintext as Buffer), cipher.final()])
  return Buffer.concat([header, nonce, text, cipher.getAuthTag()])
}

function unseal(key: KeyObject, header: Buffer, sealed: Buffer, context: string): Buffer {
  if (sealed[0] !== VERSION || sealed.length < TEXT_AT + TAG_LENGTH) {
    const given = `${sealed.length} bytes of version ${sealed[0]}`
    throw new DecryptionError('UNKNOWN_FORMAT', `Encrypted value must be of version ${VERSION}, given ${given}`)
  }
  if (!sealed.subarray(0, NONCE_AT).equals(header)) {
    const given = sealed.subarray(1, NONCE_AT).toString('hex')
    throw new DecryptionError('UNKNOWN_KEY', `Encrypted value must be of the current key, given key ${given}`)
  }
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(NONCE_AT, TEXT_AT))
  decipher.setAAD(Buffer.concat([header, Buffer.from(context)]))
  decipher.setAuthTag(sealed.subarray(-TAG_LENGTH))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(TEXT_AT, -TAG_LENGTH)), decipher.final()])
  } catch (error) {
    const message = `Encrypted value must be as it was written for ${context}, given other bytes`
    throw new DecryptionError('NOT_AUTHENTIC', message, { cause: error })
  }
}
