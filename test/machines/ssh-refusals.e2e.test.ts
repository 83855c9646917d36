import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { ContactError } from '../../src/machines/contact-error.js'
import { hostKeyOf, parseHostKey } from '../../src/machines/host-keys.js'
import { SshHost, type SshHostOptions } from '../../src/machines/ssh.js'
import { makeKeyPair, type Sshd, type SshdOptions, startSshd } from '../helpers/sshd.js'

let sshd: Sshd

beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(() => sshd.stop())

/** Why the host cannot be asked what it is. */
async function refusal(options: SshHostOptions): Promise<ContactError> {
  const host = new SshHost(options)
  const machine = host.machine({ user: null })
  try {
    await machine.inspect()
  } catch (error) {
    if (error instanceof ContactError) return error
    throw error
  } finally {
    await machine.close()
    await host.close()
  }
  throw new Error('The host let us in')
}

describe('a host that cannot be connected to', () => {
  it('refuses the connection: CONNECT, which may pass', async () => {
    const other = await startSshd()
    await other.stop()
    expect(await refusal(other.options)).toMatchObject({ reason: 'CONNECT', code: 'UNREACHABLE', isRetryable: true })
  })

  it('has no such name: CONNECT', async () => {
    expect(await refusal({ ...sshd.options, host: 'no-such-host.invalid' })).toMatchObject({ reason: 'CONNECT' })
  })

  it('accepts it and says nothing: TIMEOUT', async () => {
    await using silent = await server(() => {})
    const error = await refusal({ ...sshd.options, port: silent.port, connectTimeoutMs: 300 })
    expect(error).toMatchObject({ reason: 'TIMEOUT', isRetryable: true })
  })

  it('speaks something else: HANDSHAKE, which somebody has to mend', async () => {
    await using mail = await server((write) => write('220 mail.example.org ESMTP\r\n'))
    const error = await refusal({ ...sshd.options, port: mail.port, connectTimeoutMs: 300 })
    expect(error).toMatchObject({ reason: 'HANDSHAKE', isRetryable: false })
    expect(error.message).toContain('220 mail.example.org')
  })

  it.each([
    ['key exchange', ['KexAlgorithms diffie-hellman-group14-sha1,diffie-hellman-group1-sha1']],
    ['host key algorithm', ['HostKeyAlgorithms ssh-rsa']],
    ['cipher', ['Ciphers aes256-cbc,chacha20-poly1305@openssh.com']],
    ['MAC', ['Ciphers aes128-ctr', 'MACs hmac-sha1,hmac-sha1-etm@openssh.com,umac-64@openssh.com']],
  ])('has no safe %s: HANDSHAKE', async (_, config) => {
    await withSshd({ config, hostKey: makeKeyPair('rsa').private }, async ({ options }) => {
      expect(await refusal(options)).toMatchObject({ reason: 'HANDSHAKE', isRetryable: false })
    })
  })

  it('takes no more that are not logged in (MaxStartups): waited for, then TOO_MANY_CONNECTIONS', async () => {
    await withSshd({ config: ['MaxStartups 1'] }, async ({ options, port }) => {
      const other = connect(port, '127.0.0.1')
      await once(other, 'data')
      const error = await refusal({ ...options, openTimeoutMs: 500, firstPauseMs: 20 })
      expect(error).toMatchObject({ reason: 'TOO_MANY_CONNECTIONS', isRetryable: true })
      expect(error.message).toContain('MaxStartups')
      const host = new SshHost({ ...options, firstPauseMs: 20 })
      const machine = host.machine({ user: null, spoolDir: `${sshd.dir}/spool` })
      const report = machine.inspect()
      other.destroy()
      expect(await report).toMatchObject({ cpus: expect.any(Number) })
      await host.close()
      await machine.close()
    })
  })
})

describe('a login', () => {
  it('with a key that the host does not know: AUTH_REFUSED', async () => {
    const privateKey = makeKeyPair().private
    expect(await refusal({ ...sshd.options, privateKey })).toMatchObject({ reason: 'AUTH_REFUSED', isRetryable: false })
  })

  it('with a key that is none, or locked: PRIVATE_KEY, and nothing of it in the message', () => {
    const locked = makeKeyPair('ed25519', 'secret')
    for (const privateKey of ['-----BEGIN NONSENSE-----\nc2VjcmV0\n-----END NONSENSE-----', locked.private, '']) {
      const open = () => new SshHost({ ...sshd.options, privateKey })
      expect(open).toThrow(expect.objectContaining({ reason: 'PRIVATE_KEY', isRetryable: false }))
      expect(open).not.toThrow(/c2VjcmV0/)
    }
    expect(() => new SshHost({ ...sshd.options, privateKey: locked.private, passphrase: 'secret' })).not.toThrow()
  })

  it('with an RSA key signs with SHA-2, and not at all where only SHA-1 is taken', async () => {
    const rsa = makeKeyPair('rsa')
    const config = (algorithms: string) => [`PubkeyAcceptedAlgorithms ${algorithms}`]
    await withSshd({ config: config('rsa-sha2-512,rsa-sha2-256'), authorized: rsa.public }, async ({ options }) => {
      const host = new SshHost({ ...options, privateKey: rsa.private })
      const machine = host.machine({ user: null, spoolDir: `${sshd.dir}/spool` })
      expect(await machine.inspect()).toMatchObject({ cpus: expect.any(Number) })
      await machine.close()
      await host.close()
    })
    await withSshd({ config: config('ssh-rsa'), authorized: rsa.public }, async ({ options }) => {
      expect(await refusal({ ...options, privateKey: rsa.private })).toMatchObject({ reason: 'AUTH_REFUSED' })
    })
  })
})

describe('a host key', () => {
  it('that nobody approved is shown for approval, and the login is not even tried', async () => {
    await withSshd({}, async ({ options, hostKey, log }) => {
      const error = await refusal({ ...options, hostKeys: [] })
      expect(error).toMatchObject({ reason: 'HOST_KEY_UNKNOWN', isRetryable: false, hostKey })
      expect(error.message).toContain(hostKey.fingerprint)
      expect(await log()).not.toContain('userauth-request')
      expect(await refusal({ ...options, login: 'nobody-of-that-name' })).toMatchObject({ reason: 'AUTH_REFUSED' })
      expect(await log()).toContain('userauth-request')
    })
  })

  it('that is another one than approved is refused, also in a reconnect', async () => {
    await withSshd({}, async (other) => {
      const seen: string[] = []
      const onContact = (contact: 'MADE' | ContactError) =>
        void seen.push(contact === 'MADE' ? contact : contact.reason)
      const { options, hostKey: old } = other
      const host = new SshHost({ ...options, firstPauseMs: 10, onContact })
      const machine = host.machine({ user: null, spoolDir: `${sshd.dir}/spool` })
      await machine.inspect()
      await other.restart({ hostKey: 'NEW' })
      const error = await machine.inspect().catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'UNREACHABLE' })
      expect(seen.slice(0, 1)).toEqual(['MADE'])
      expect(seen).toContain('HOST_KEY_CHANGED')
      expect(old).not.toEqual(other.hostKey)
      expect(await refusal(options)).toMatchObject({ reason: 'HOST_KEY_CHANGED', hostKey: other.hostKey })
      expect((await other.log()).split('Server listening').at(-1)).not.toContain('userauth-request')
      await machine.close()
      await host.close()
    })
  })

  it('that was revoked is refused although it is approved', async () => {
    const { options, hostKey } = sshd
    const error = await refusal({ ...options, revokedHostKeys: [hostKey] })
    expect(error).toMatchObject({ reason: 'HOST_KEY_REVOKED', isRetryable: false, hostKey })
  })

  it('is asked for by the type of what is approved, where a host has several', async () => {
    const { private: key, public: line } = makeKeyPair('ecdsa')
    await withSshd({ hostKey: key }, async ({ options, hostKey }) => {
      const ecdsa = parseHostKey(line)
      if (ecdsa === null) throw new Error('no key')
      for (const approved of [ecdsa, hostKey]) {
        const host = new SshHost({ ...options, hostKeys: [approved] })
        const machine = host.machine({ user: null, spoolDir: `${sshd.dir}/spool` })
        expect(await machine.inspect()).toMatchObject({ cpus: expect.any(Number) })
        await machine.close()
        await host.close()
      }
    })
  })

  it('has one form, wherever it comes from', () => {
    expect(hostKeyOf(Buffer.from(sshd.hostKey.key, 'base64'))).toEqual(sshd.hostKey)
  })
})

/** An sshd for one test, with another host key beside its own, or another key that may log in. */
async function withSshd(options: SshdOptions, test: (sshd: Sshd) => Promise<void>): Promise<void> {
  const own = await startSshd(options)
  try {
    await test(own)
  } finally {
    await own.stop()
  }
}

/** Something that listens and is no SSH server. */
async function server(greet: (write: (text: string) => void) => void) {
  const listening: Server = createServer((socket) => {
    socket.on('error', () => {}).resume()
    greet((text) => socket.write(text))
  }).listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as { port: number }
  return { port, [Symbol.asyncDispose]: async () => void listening.close() }
}
