import { createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { createEncryption, DecryptionError } from '../../src/platform/encryption.js'

function encryptionOf(letter: string) {
  return createEncryption({
    deriveKey: (purpose) => createSecretKey(Buffer.from(letter + purpose.padEnd(31)).subarray(0, 32)),
  })
}

const encryption = encryptionOf('a')

describe('createEncryption', () => {
  it('reads back what it wrote, any bytes in any context', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (bytes, context) => {
        const sealed = encryption.encrypt(Buffer.from(bytes), context)
        expect(encryption.decrypt(sealed, context)).toEqual(Buffer.from(bytes))
      }),
    )
    expect(encryption.decrypt(encryption.encrypt('größer', 'x'), 'x').toString()).toBe('größer')
  })

  it('writes the same text differently each time', () => {
    expect(encryption.encrypt('same', 'x')).not.toEqual(encryption.encrypt('same', 'x'))
  })

  it('notices any changed bit', () => {
    const sealed = encryption.encrypt('secret', 'x')
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed)
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(() => encryption.decrypt(changed, 'x')).toThrow(DecryptionError)
    }
  })

  it('notices a value that was moved, cut, or written with another key', () => {
    const sealed = encryption.encrypt('secret', 'x')
    expect(() => encryption.decrypt(sealed, 'y')).toThrow('must be as it was written for y, given other bytes')
    expect(() => encryption.decrypt(sealed.subarray(0, -1), 'x')).toThrow(DecryptionError)
    expect(() => encryption.decrypt(sealed.subarray(0, 10), 'x')).toThrow('given 10 bytes of version 1')
    expect(() => encryption.decrypt(Buffer.alloc(0), 'x')).toThrow(DecryptionError)
    expect(() => encryptionOf('b').decrypt(sealed, 'x')).toThrow('must be of the current key')
  })
})
