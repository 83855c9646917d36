import { setTimeout as delay } from 'node:timers/promises'
import { ContactError } from '../../src/machines/contact-error.js'
import { LoginKey } from '../../src/machines/login-key.js'
import { SshPool, type SshPoolOptions } from '../../src/machines/ssh-pool.js'
import type { Channel } from '../../src/machines/transport.js'
import { type Sshd, startSshd } from '../helpers/sshd.js'
import { TcpProxy } from '../helpers/tcp-proxy.js'
import { until } from '../helpers/until.js'
import { plainLogin } from '../helpers/users.js'

const OPTIONS: SshPoolOptions = {
  connectTimeoutMs: 5_000,
  openTimeoutMs: 5_000,
  keepaliveMs: 100,
  keepaliveMisses: 9,
  maxChannels: 4,
  maxConnections: 4,
  firstPauseMs: 20,
  longestPauseMs: 100,
}

let login: Awaited<ReturnType<typeof plainLogin>>
beforeAll(async () => {
  login = await plainLogin()
})
afterAll(() => login.remove())

const pools: SshPool[] = []
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
})

function poolOf({ options }: Sshd, change: Partial<SshPoolOptions> = {}, port = options.port): SshPool {
  const { privateKey, ...target } = options
  const pool = new SshPool({ ...target, port, key: new LoginKey(privateKey) }, { ...OPTIONS, ...change })
  pools.push(pool)
  return pool
}

/** The first that a program says; its channel stays as it is. */
function said({ output }: Channel): Promise<string> {
  return new Promise((resolve) => output.once('data', (bytes: Buffer) => resolve(String(bytes).trim())))
}

describe('a host with the usual sshd', () => {
  let sshd: Sshd
  beforeAll(async () => {
    sshd = await startSshd({ login: login.name })
  })
  afterAll(() => sshd.stop())

  it('gets one connection for four channels, and another one for the fifth, which goes with it', async () => {
    const pool = poolOf(sshd)
    const channels = await Promise.all(Array.from({ length: 4 }, () => pool.open('cat')))
    expect(await sshd.sessions()).toHaveLength(1)
    const fifth = await pool.open('cat')
    expect(await sshd.sessions()).toHaveLength(2)
    fifth.close()
    await until('the second connection to go', async () => (await sshd.sessions()).length === 1)
    for (const channel of channels) channel.close()
    await Promise.all(channels.map(({ closed }) => closed))
    expect(await sshd.sessions()).toHaveLength(1)
  })

  it('answers what it ran, how that ended and what it complained of', async () => {
    const channel = await poolOf(sshd).open("sh -c 'echo out; echo oops >&2; exit 7'")
    expect(await said(channel)).toBe('out')
    expect(await channel.closed).toEqual({ reason: 'its agent ended (7) oops', exitCode: 7, complaint: 'oops' })
  })

  it('has both streams drained, however much comes', async () => {
    const channel = await poolOf(sshd).open(
      "sh -c 'head -c 8000000 /dev/zero >&2; head -c 8000000 /dev/zero; echo end >&2'",
    )
    let bytes = 0
    channel.output.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    expect(await channel.closed).toMatchObject({ exitCode: 0, complaint: expect.stringMatching(/end$/) })
    expect(bytes).toBe(8_000_000)
  })

  it('whose process is killed in the middle of a program: lost, never a success', async () => {
    const pool = poolOf(sshd)
    const channel = await pool.open("sh -c 'echo up; sleep 60'")
    expect(await said(channel)).toBe('up')
    await sshd.signal('SIGKILL', 'SESSIONS')
    expect(await channel.closed).toMatchObject({
      exitCode: null,
      // Whichever is noticed first: the end of what comes from there, or that nothing more goes there.
      reason: expect.stringMatching(/closed by the host|the connection broke/),
    })
    expect(await said(await pool.open('echo again'))).toBe('again')
  })

  it('that stands still is noticed within its keepalives, and reached anew', async () => {
    const pool = poolOf(sshd)
    const channel = await pool.open("sh -c 'echo up; sleep 60'")
    expect(await said(channel)).toBe('up')
    const from = performance.now()
    await sshd.signal('SIGSTOP', 'SESSIONS')
    expect(await channel.closed).toMatchObject({ exitCode: null, reason: 'nothing was heard of the host for 1 s' })
    expect(performance.now() - from).toBeGreaterThan(900)
    expect(await said(await pool.open('echo again'))).toBe('again')
    await sshd.signal('SIGKILL', 'SESSIONS')
  })

  it('that nobody asks anything is not taken for dead', async () => {
    const pool = poolOf(sshd, { keepaliveMs: 20, keepaliveMisses: 4 })
    const channel = await pool.open("sh -c 'echo up; sleep 0.6; echo late'")
    expect(await said(channel)).toBe('up')
    expect(await said(channel)).toBe('late')
  })

  it('lets a pool be closed while it is being connected to', async () => {
    const proxy = await TcpProxy.open(`tcp://127.0.0.1:${sshd.port}`)
    proxy.isBlackHole = true
    const pool = poolOf(sshd, {}, proxy.port)
    const opening = pool.open('true').catch((error: unknown) => error)
    await until('the connection', async () => proxy.connections > 0)
    const from = performance.now()
    await pool.close()
    expect(await opening).toMatchObject({ reason: 'CONNECT', message: 'The machine is closed' })
    expect(performance.now() - from).toBeLessThan(2_000)
    await proxy.close()
  })

  it('whose connection breaks after a long life is reached anew after the first pause, cut by chance', async () => {
    const times = new Map<string, number>()
    const onContact = (contact: 'MADE' | ContactError) =>
      void times.set(contact === 'MADE' ? contact : contact.reason, performance.now())
    const pool = poolOf(sshd, { onContact, firstPauseMs: 900, longestPauseMs: 10_000 })
    const channel = await pool.open("sh -c 'echo up; sleep 60'")
    expect(await said(channel)).toBe('up')
    await delay(1_100)
    await sshd.signal('SIGKILL', 'SESSIONS')
    await channel.closed
    expect(await said(await pool.open('echo again'))).toBe('again')
    expect((times.get('MADE') as number) - (times.get('LOST') as number)).toBeGreaterThan(440)
  })

  it('is told of, when contact is made, lost and made again', async () => {
    const seen: string[] = []
    const onContact = (contact: 'MADE' | ContactError) => void seen.push(contact === 'MADE' ? contact : contact.reason)
    const pool = poolOf(sshd, { onContact })
    await pool.open('sleep 60')
    await sshd.signal('SIGKILL', 'SESSIONS')
    await until('the loss', async () => seen.includes('LOST'))
    await pool.open('sleep 60')
    expect(seen).toEqual(['MADE', 'LOST', 'MADE'])
  })
})

describe('a host that is away', () => {
  it('is tried ever more seldom, and found when it is back', async () => {
    const sshd = await startSshd({ login: login.name })
    const proxy = await TcpProxy.open(`tcp://127.0.0.1:${sshd.port}`)
    proxy.isRefusing = true
    let tries = 0
    const onContact = (contact: 'MADE' | ContactError) => {
      if (contact !== 'MADE') tries += 1
    }
    const pool = poolOf(sshd, { onContact, firstPauseMs: 100, longestPauseMs: 5_000 }, proxy.port)
    const from = performance.now()
    while (performance.now() - from < 2_000) {
      expect(await pool.open('true').catch((error: unknown) => error)).toMatchObject({ reason: 'CONNECT' })
    }
    // 0, then pauses of 50-100, 100-200, 200-400, 400-800, 800-1600 ms.
    expect(tries).toBeGreaterThanOrEqual(4)
    expect(tries).toBeLessThanOrEqual(7)
    proxy.isRefusing = false
    expect(await until('the host', () => pool.open('echo back').then(said, () => null))).toBe('back')
    await pool.close()
    await proxy.close()
    await sshd.stop()
  })
})

describe('a host that allows few channels (MaxSessions)', () => {
  it('one a connection: gets more connections', async () => {
    const sshd = await startSshd({ login: login.name, config: ['MaxSessions 1'] })
    const pool = poolOf(sshd)
    const channels = await Promise.all(Array.from({ length: 3 }, () => pool.open('cat')))
    expect(await sshd.sessions()).toHaveLength(3)
    expect(channels).toHaveLength(3)
    await pool.close()
    await sshd.stop()
  })

  it('fewer than are needed: waits until one is free, then says TOO_MANY_CHANNELS', async () => {
    const sshd = await startSshd({ login: login.name, config: ['MaxSessions 1'] })
    const pool = poolOf(sshd, { maxConnections: 1, openTimeoutMs: 2_500 })
    const first = await pool.open('cat')
    const error = await pool.open('cat').catch((reason: unknown) => reason)
    expect(error).toMatchObject({ reason: 'TOO_MANY_CHANNELS', code: 'UNREACHABLE', isRetryable: true })
    const second = pool.open('echo mine')
    first.close()
    expect(await said(await second)).toBe('mine')
    await pool.close()
    await sshd.stop()
  })

  it('none at all: TOO_MANY_CHANNELS', async () => {
    const sshd = await startSshd({ login: login.name, config: ['MaxSessions 0'] })
    const pool = poolOf(sshd, { openTimeoutMs: 500 })
    const error = await pool.open('true').catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ContactError)
    expect(error).toMatchObject({ reason: 'TOO_MANY_CHANNELS' })
    await pool.close()
    await sshd.stop()
  })
})
