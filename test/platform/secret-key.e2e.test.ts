import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openSecretKey, SecretKeyError } from '../../src/platform/secret-key.js'

let dataDir: string

beforeEach(async () => {
  dataDir = path.join(await mkdtemp(path.join(tmpdir(), 'secret-key-')), 'data')
})

afterEach(() => rm(path.dirname(dataDir), { recursive: true }))

async function derived(configured: string | null, purpose = 'access-token'): Promise<string> {
  const key = (await openSecretKey({ configured, dataDir })).deriveKey(purpose)
  return key.export().toString('hex')
}

describe('openSecretKey', () => {
  it('makes a file for its owner alone, and finds the same key again', async () => {
    const first = await derived(null)
    expect((await stat(path.join(dataDir, 'secret-key'))).mode & 0o777).toBe(0o600)
    expect(await derived(null)).toBe(first)
    expect(await readdir(dataDir)).toEqual(['secret-key'])
  })

  it('gives all who come first the same key', async () => {
    const keys = await Promise.all(Array.from({ length: 10 }, () => derived(null)))
    expect(new Set(keys).size).toBe(1)
    expect(await readdir(dataDir)).toEqual(['secret-key'])
  })

  it('takes the text of the file as variable on another host', async () => {
    const key = await derived(null)
    const text = (await readFile(path.join(dataDir, 'secret-key'), 'utf8')).trim()
    await rm(dataDir, { recursive: true })
    expect(await derived(text)).toBe(key)
    await expect(stat(dataDir)).rejects.toThrow('ENOENT')
  })

  it('derives another key for every purpose, the same for ever', async () => {
    const text = '0123456789abcdef0123456789abcdef'
    expect(await derived(text, 'access-token')).toBe('d373cca33f4249d05a47af773829b869736bc8e6918d6ae7f0d9378287c842d6')
    expect(await derived(text, 'encryption')).toBe('f16bc171439215c908b8c965a6c1e7350216b8306f7f4b85edc6dc2b77c679c3')
  })

  it('refuses a file that others may read', async () => {
    await derived(null)
    await chmod(path.join(dataDir, 'secret-key'), 0o640)
    await expect(derived(null)).rejects.toThrow(/must be for its owner alone \(chmod 600\), given mode 640$/)
    await expect(derived(null)).rejects.toThrow(SecretKeyError)
  })

  it('refuses a short key', async () => {
    await expect(derived('x'.repeat(31))).rejects.toThrow('Secret key must have 32 characters or more, given 31')
  })
})
