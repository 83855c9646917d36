import { generateKeyPairSync, verify } from 'node:crypto'
import type { ParsedKey } from 'ssh2'
import { LoginKey } from '../../src/machines/login-key.js'

/** What it signs, as ssh2 asks it to. */
function sign(key: LoginKey, hash: 'sha1' | 'sha256' | 'sha512' | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    key.getIdentities((_, keys) => {
      key.sign(keys?.[0] as ParsedKey, Buffer.from('data'), hash === undefined ? {} : { hash }, (error, signature) => {
        if (signature === undefined) reject(error)
        else resolve(signature)
      })
    })
  })
}

describe('a login key of RSA', () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = new LoginKey(pair.privateKey.export({ type: 'pkcs1', format: 'pem' }) as string)

  it.each(['sha256', 'sha512'] as const)('signs with %s', async (hash) => {
    expect(verify(hash, Buffer.from('data'), pair.publicKey, await sign(key, hash))).toBe(true)
  })

  it.each(['sha1', undefined] as const)('does not sign with %s', async (hash) => {
    await expect(sign(key, hash)).rejects.toThrow('SHA-1')
  })
})
