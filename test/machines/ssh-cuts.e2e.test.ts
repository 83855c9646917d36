import { chmod, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { AttemptRef, AttemptSpec, Machine } from '../../src/machines/machine.js'
import { SshHost, type SshHostOptions } from '../../src/machines/ssh.js'
import { type Sshd, startSshd } from '../helpers/sshd.js'
import { TcpProxy } from '../helpers/tcp-proxy.js'
import { until } from '../helpers/until.js'
import { plainLogin } from '../helpers/users.js'
import { attemptOf, linesOf, makeFolder, script } from './attempts.js'

/** Numbered lines: no byte can be missing, doubled or swapped unseen. */
const LINES = Array.from({ length: 30_000 }, (_, i) => `line ${i}\n`).join('')

let sshd: Sshd
let login: Awaited<ReturnType<typeof plainLogin>>
let folder: Awaited<ReturnType<typeof makeFolder>>

beforeAll(async () => {
  folder = await makeFolder()
  await chmod(folder.dir, 0o777)
  login = await plainLogin()
  sshd = await startSshd({ login: login.name })
})
afterAll(async () => {
  await sshd.stop()
  await login.remove()
  await folder.remove()
})

interface Scene {
  readonly machine: Machine
  readonly proxy: TcpProxy
  readonly dir: string
  /** A second server on the same spool, through the same network. */
  other(): Machine
}

async function scene(name: string, change: Partial<SshHostOptions>, test: (scene: Scene) => Promise<void>) {
  const proxy = await TcpProxy.open(`tcp://127.0.0.1:${sshd.port}`)
  const hosts: SshHost[] = []
  const machineOf = () => {
    const times = {
      connectTimeoutMs: 3_000,
      keepaliveMs: 100,
      keepaliveMisses: 5,
      firstPauseMs: 10,
      longestPauseMs: 100,
    }
    const host = new SshHost({ ...sshd.options, port: proxy.port, ...times, ...change })
    hosts.push(host)
    return host.machine({ user: null, spoolDir: path.join(folder.dir, name), defaultDirectory: folder.dir })
  }
  try {
    await test({ machine: machineOf(), proxy, dir: folder.dir, other: machineOf })
  } finally {
    await Promise.all(hosts.map((host) => host.close()))
    await proxy.close()
  }
}

/** As a dispatcher asks: again and again, as long as there is no contact. */
function insist<Answer>(ask: () => Promise<Answer>): Promise<NonNullable<Answer>> {
  return until('contact', () =>
    ask().catch((error: { code?: string }) => {
      if (error.code === 'UNREACHABLE') return null
      throw error
    }),
  ) as Promise<NonNullable<Answer>>
}

async function ended(machine: Machine, attempt: AttemptRef) {
  const report = await until('the end', async () => {
    const answer = await insist(() => machine.probe(attempt))
    return answer.kind === 'RUNNING' ? null : answer
  })
  if (report.kind !== 'EXITED') throw new Error(`It did not exit: ${JSON.stringify(report)}`)
  return report.exit
}

async function allOf(machine: Machine, attempt: AttemptRef): Promise<string> {
  const pieces: Buffer[] = []
  for (let offset = 0; ; ) {
    const bytes = await insist(() => machine.read(attempt, 'STDOUT', offset, 50_000))
    if (bytes.length === 0) return String(Buffer.concat(pieces))
    pieces.push(bytes)
    offset += bytes.length
  }
}

const printer = (go: string, then: string): AttemptSpec =>
  script(
    `i=0; while [ $i -lt 30000 ]; do echo line $i; i=$((i+1)); [ $i = 15000 ] && until [ -e ${go} ]; do sleep 0.1; done; done; ${then}`,
  )

describe('a cut connection', () => {
  it('with two attempts running: both are found again, with every byte and the true end', async () => {
    await scene('two', {}, async ({ machine, proxy, dir, other }) => {
      const [one, two] = [printer(`${dir}/go`, 'exit 7'), printer(`${dir}/go`, 'exit 0')]
      const hints: string[] = []
      machine.onExit(({ instanceId }) => hints.push(instanceId))
      for (const attempt of [one, two]) expect(await machine.start(attempt)).toMatchObject({ kind: 'STARTED' })
      proxy.reset()
      expect(await insist(() => machine.probe(one))).toMatchObject({ kind: 'RUNNING' })
      expect(await insist(() => machine.start(two))).toEqual({ kind: 'EXISTS' })
      proxy.isRefusing = true
      proxy.reset()
      await writeFile(`${dir}/go`, '')
      await expect(machine.probe(one)).rejects.toMatchObject({ code: 'UNREACHABLE', isRetryable: true })
      proxy.isRefusing = false
      expect([await ended(machine, one), await ended(machine, two)]).toMatchObject([{ exitCode: 7 }, { exitCode: 0 }])
      for (const attempt of [one, two]) expect((await allOf(machine, attempt)) === LINES).toBe(true)
      await until('both hints', async () => [one, two].every((a) => hints.includes(a.instanceId)))
      const next = other()
      expect(await insist(() => next.probe(two))).toMatchObject({ kind: 'EXITED', exit: { exitCode: 0 } })
    })
  })

  it.each(['before', 'after'] as const)('%s a start has reached the host: it starts once', async (reaches) => {
    await scene(`start-${reaches}`, {}, async ({ machine, proxy, dir }) => {
      const record = path.join(dir, `once-${reaches}`)
      await machine.start(attemptOf())
      for (let round = 0; round < 10; round += 1) {
        const attempt = script(`echo ${round} >> ${record}`)
        const starting = machine.start(attempt).catch(() => null)
        if (reaches === 'after') await until('a start', async () => (await linesOf(record)).length > round)
        proxy.reset()
        await starting
        expect(['STARTED', 'EXISTS']).toContain((await insist(() => machine.start(attempt))).kind)
        expect(await ended(machine, attempt)).toMatchObject({ exitCode: 0 })
      }
      expect(await linesOf(record)).toEqual(Array.from({ length: 10 }, (_, i) => String(i)))
    })
  })

  it('after every few bytes: what is read is read whole', async () => {
    await scene('bytes', {}, async ({ machine, proxy, dir }) => {
      await writeFile(`${dir}/go`, '')
      const attempt = printer(`${dir}/go`, 'exit 0')
      await machine.start(attempt)
      proxy.cutAfterBytes = 120_000
      expect(await ended(machine, attempt)).toMatchObject({ exitCode: 0 })
      expect((await allOf(machine, attempt)) === LINES).toBe(true)
      expect(proxy.broken).toBeGreaterThan(2)
    })
  })
})

describe('a connection that is open on one side only', () => {
  it('is noticed, and the host reached by another one', async () => {
    await scene('half-open', {}, async ({ machine, proxy }) => {
      const attempt = script('sleep 0.5; exit 5')
      await machine.start(attempt)
      proxy.halfOpen()
      expect(await ended(machine, attempt)).toMatchObject({ exitCode: 5 })
    })
  })

  it('because the network swallows everything: UNREACHABLE meanwhile, then the truth', async () => {
    await scene('black-hole', { connectTimeoutMs: 500 }, async ({ machine, proxy }) => {
      const attempt = script('sleep 0.5; exit 6')
      await machine.start(attempt)
      proxy.isBlackHole = true
      await expect(machine.probe(attempt)).rejects.toMatchObject({ code: 'UNREACHABLE', isRetryable: true })
      proxy.isBlackHole = false
      expect(await ended(machine, attempt)).toMatchObject({ exitCode: 6 })
    })
  })
})

describe('a bad line', () => {
  it('with a latency runs attempts, only later', async () => {
    await scene('latency', { keepaliveMs: 1_000 }, async ({ machine, proxy }) => {
      proxy.latencyMs = 40
      const attempt = script('echo far away')
      await machine.start(attempt)
      expect(await ended(machine, attempt)).toMatchObject({ exitCode: 0 })
      expect(await allOf(machine, attempt)).toBe('far away\n')
    })
  })

  it('that is slow is not taken for dead while a large answer holds the pings up', async () => {
    await scene('slow', { keepaliveMs: 300, keepaliveMisses: 9 }, async ({ machine, proxy }) => {
      const attempt = script('head -c 600000 /dev/zero')
      await machine.start(attempt)
      await ended(machine, attempt)
      proxy.bytesPerSecond = 120_000
      expect(await machine.read(attempt, 'STDOUT', 0, 600_000)).toHaveLength(600_000)
      expect(proxy.broken).toBe(0)
      expect(await sshd.sessions()).toHaveLength(1)
    })
  })
})
