import ssh2, { type IdentityCallback, type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2'
import { ContactError } from './contact-error.js'

/**
 * Signs with one private key, given as text in OpenSSH or PEM form. An agent, as that is where ssh2 says which hash a
 * signature is to have: with a server that names none it would sign with SHA-1, which is refused here.
 */
export class LoginKey extends ssh2.BaseAgent<ParsedKey> {
  readonly #key: ParsedKey

  /** Throws ContactError (PRIVATE_KEY); nothing of the key is in its message. */
  constructor(text: string, passphrase?: string) {
    super()
    const parsed: unknown = ssh2.utils.parseKey(text, passphrase)
    const key = (Array.isArray(parsed) ? parsed[0] : parsed) as ParsedKey | Error | undefined
    if (key === undefined || key instanceof Error || !key.isPrivateKey()) {
      const why = key instanceof Error ? key.message : 'it is no private key'
      throw new ContactError('PRIVATE_KEY', `The login's private key cannot be used: ${why}`)
    }
    this.#key = key
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    callback(null, [this.#key])
  }

  override sign(
    _publicKey: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const [done, hash] = typeof options === 'function' ? [options, undefined] : [callback, options.hash]
    if (this.#key.type === 'ssh-rsa' && hash !== 'sha256' && hash !== 'sha512') {
      done?.(new Error('The host takes an RSA key only with a SHA-1 signature; use an Ed25519 key'))
      return
    }
    const signature: unknown = this.#key.sign(data, hash)
    if (signature instanceof Error) done?.(signature)
    else done?.(null, signature as Buffer)
  }
}
