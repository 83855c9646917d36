import fc from 'fast-check'
import { judgeHostKey, parseHostKey } from '../../src/machines/host-keys.js'
import { knownHostKeys, readKnownHosts } from '../../src/machines/known-hosts.js'

// Keys, fingerprints and hashed names as ssh-keygen of OpenSSH 9.2 made them.
const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDVytvY81dGidh+676i2tVHT2+haDeF1xSuIKRV9FQbB'
const ECDSA =
  'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBJazwGhk09Sh1iuo0A7g/abNrYyWGVCC3cvKYaJPtPUDLwLt9sl+jwHha0eYrRW3dRKHzwVN3qoBsVsSwAYKOC4='
const HASHED_NAME = '|1|KQhMMIKuxi2zYeTakiopCts3/RM=|9yvOLl7qvciE/9izF7WhFdGdc/I='
const HASHED_PORT = '|1|6TR2TrkHuCeZcsGYRGQQ8ZbrKbQ=|56nXFi8uMJ3G9LJKP34ajVu28gk='

const types = (text: string, host: string, port = 22) => {
  const { pinned, revoked } = knownHostKeys(readKnownHosts(text).entries, host, port)
  return [pinned.map(({ type }) => type), revoked.map(({ type }) => type)]
}
const ED = ['ssh-ed25519']
const EC = ['ecdsa-sha2-nistp256']

describe('a public key', () => {
  it('has the fingerprint that OpenSSH shows', () => {
    expect(parseHostKey(`${ED25519} a comment`)?.fingerprint).toBe('SHA256:4lyCwC9XJLVOkRGEsYKHckreuw35PevDD9rA5eoTotU')
    expect(parseHostKey(ECDSA)?.fingerprint).toBe('SHA256:9duCgcLQqes171Iqze2rmnKWzX+1HWBJBh4HqgvfdJk')
  })

  it.each([
    '',
    'ssh-ed25519',
    'ssh-ed25519 AAAA',
    'ssh-ed25519 !!!!',
    ED25519.replace('ssh-ed', 'ssh-rsa-ed'),
    ECDSA.replace('256', '384'),
  ])('is none: %j', (line) => expect(parseHostKey(line)).toBeNull())

  it('is pinned, unknown, changed or revoked', () => {
    const [one, other] = [ED25519, ECDSA].map((line) => parseHostKey(line)).filter((key) => key !== null)
    if (one === undefined || other === undefined) throw new Error('keys')
    expect(judgeHostKey(one, [])).toBe('UNKNOWN')
    expect(judgeHostKey(one, [other, one])).toBe('PINNED')
    expect(judgeHostKey(one, [other])).toBe('CHANGED')
    expect(judgeHostKey(one, [one], [one])).toBe('REVOKED')
  })
})

describe('known_hosts', () => {
  it('has names, several of them, and ports of their own', () => {
    const text = `db.example.org,10.0.0.7 ${ED25519} comment\n[db.example.org]:2222 ${ECDSA}\r\n`
    expect(types(text, 'DB.example.org')).toEqual([ED, []])
    expect(types(text, '10.0.0.7')).toEqual([ED, []])
    expect(types(text, 'db.example.org', 2222)).toEqual([EC, []])
    expect(types(text, '10.0.0.7', 2222)).toEqual([[], []])
    expect(types(text, 'example.org')).toEqual([[], []])
  })

  it('has wildcards, and exceptions from them whatever their order', () => {
    const text = `!db1.example.org,*.example.org,host? ${ED25519}`
    expect(types(text, 'web.example.org')).toEqual([ED, []])
    expect(types(text, 'db1.example.org')).toEqual([[], []])
    expect(types(text, 'host7')).toEqual([ED, []])
    expect(types(text, 'host77')).toEqual([[], []])
    expect(types(text, 'xexample.org')).toEqual([[], []])
  })

  it('has hashed names', () => {
    const text = `${HASHED_NAME} ${ED25519}\n${HASHED_PORT} ${ECDSA}\n`
    expect(types(text, 'db.example.org')).toEqual([ED, []])
    expect(types(text, 'db.example.org', 2222)).toEqual([EC, []])
    expect(types(text, 'db.example.com')).toEqual([[], []])
  })

  it('has revoked keys', () => {
    const text = `@revoked * ${ECDSA}\ndb ${ED25519}\ndb ${ED25519} again`
    expect(types(text, 'db')).toEqual([ED, EC])
  })

  it('names every line that is not taken, and why', () => {
    const lines = [
      '# comment',
      '',
      `@cert-authority *.example.org ${ED25519}`,
      `@strange db ${ED25519}`,
      'db 1024 35 123456789',
      'db ssh-dss AAAAB3NzaC1kc3M=',
      'db',
      'db ssh-ed25519 AAAA',
      `|1|short|short ${ED25519}`,
      `db ${ED25519}`,
    ]
    const { entries, warnings } = readKnownHosts(lines.join('\n'))
    expect(entries.map(({ line }) => line)).toEqual([10])
    expect(warnings.map(({ line, message }) => ({ line, message }))).toEqual([
      { line: 3, message: 'Certificate authorities are not supported: pin the keys of hosts' },
      { line: 4, message: 'The marker @strange is not known' },
      { line: 5, message: 'Keys of SSH protocol 1 are not supported' },
      { line: 6, message: 'Keys of type ssh-dss are not supported' },
      { line: 7, message: 'The line has no key' },
      { line: 8, message: 'The key is not one of type ssh-ed25519' },
      { line: 9, message: 'The hashed name cannot be read' },
    ])
  })

  it('takes any text without throwing', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.string(), (text, host) => {
        knownHostKeys(readKnownHosts(`${text} ${ED25519}\n${text}`).entries, host, 22)
      }),
    )
  })

  it('has patterns that fit as their regular expression would', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), minLength: 1, maxLength: 8 })
    const name = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(letters, name, (pattern, host) => {
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(host)
        expect(types(`${pattern} ${ED25519}`, host)[0]?.length === 1).toBe(expected)
      }),
    )
  })
})
