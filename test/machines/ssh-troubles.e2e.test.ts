import { execFileSync } from 'node:child_process'
import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Machine } from '../../src/machines/machine.js'
import { SshHost } from '../../src/machines/ssh.js'
import { type Sshd, type SshdOptions, startSshd } from '../helpers/sshd.js'
import { StageGates } from '../helpers/stage-gates.js'
import { unless, whyNoMounts } from '../helpers/unless.js'
import { until } from '../helpers/until.js'
import { makeUser, plainLogin, type TestUser } from '../helpers/users.js'
import { exitOf, linesOf, makeFolder, readAll, script } from './attempts.js'

const withMounts = unless(whyNoMounts())

let folder: Awaited<ReturnType<typeof makeFolder>>
let login: Awaited<ReturnType<typeof plainLogin>>

beforeAll(async () => {
  folder = await makeFolder()
  await chmod(folder.dir, 0o777)
  login = await plainLogin()
})
afterAll(async () => {
  await login.remove()
  await folder.remove()
})

/** A machine of an sshd of its own, for one test. */
async function withMachine(options: SshdOptions, test: (machine: Machine, sshd: Sshd) => Promise<void>): Promise<void> {
  const sshd = await startSshd({ login: login.name, ...options })
  const host = new SshHost({ ...sshd.options, firstPauseMs: 20 })
  try {
    await test(host.machine({ user: null }), sshd)
  } finally {
    await host.close()
    await sshd.stop()
  }
}

async function expectRuns(machine: Machine, text = 'here'): Promise<void> {
  const attempt = script(`echo ${text}`)
  expect(await machine.start(attempt)).toMatchObject({ kind: 'STARTED' })
  expect(await exitOf(machine, attempt)).toMatchObject({ exitCode: 0 })
  expect(String(await readAll(machine, attempt, 'STDOUT'))).toBe(`${text}\n`)
}

describe('a host that is narrow', () => {
  it.each([
    ['one channel a connection (MaxSessions 1)', ['MaxSessions 1']],
    ['one login at a time (MaxStartups 1)', ['MaxStartups 1']],
    ['both', ['MaxSessions 1', 'MaxStartups 1']],
  ])('%s: runs attempts all the same, as many as are wanted', async (_, config) => {
    await withMachine({ config }, async (machine) => {
      await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((text) => expectRuns(machine, text)))
    })
  })
})

describe('an sshd that is killed in the middle of a start', () => {
  it.each(['SESSIONS', 'LISTENER'] as const)(
    '%s: no answer, which may come to anything; asked again it has started once',
    async (whom) => {
      const gates = await StageGates.make(path.join(folder.dir, `gates-${whom}`))
      await withMachine({ config: gates.config }, async (machine, sshd) => {
        await expectRuns(machine)
        const record = path.join(folder.dir, `record-${whom}`)
        const attempt = script(`echo start >> ${record}; exit 3`)
        await gates.close('begin')
        const starting = machine.start(attempt).catch((error: unknown) => error)
        await gates.held('begin')
        // Without a listener nobody can be asked again.
        if (whom === 'LISTENER') await sshd.signal('SIGKILL', 'LISTENER')
        await sshd.signal('SIGKILL', 'SESSIONS')
        if (whom === 'LISTENER') {
          expect(await starting).toMatchObject({ code: 'UNREACHABLE', reason: 'LOST', isRetryable: true })
          await sshd.restart()
        } else expect(await starting).toMatchObject({ kind: 'STARTED' })
        await gates.open('begin')
        const again = await until('contact', () => machine.start(attempt).catch(() => null))
        expect(['STARTED', 'EXISTS']).toContain(again.kind)
        expect(await exitOf(machine, attempt)).toMatchObject({ exitCode: 3 })
        expect(await linesOf(record)).toEqual(['start'])
      })
    },
  )
})

withMounts.describe('a host whose home', () => {
  let user: TestUser
  beforeAll(async () => {
    user = await makeUser()
  })
  afterAll(() => user.remove())

  const mounts = () => `mount -t tmpfs -o size=1m,mode=777 none ${user.home}`
  /** In the namespace that the host lives in. */
  const there = async ({ dir }: Sshd, ...words: string[]) => {
    const pid = (await readFile(path.join(dir, 'pid'), 'utf8')).trim()
    execFileSync('nsenter', ['-t', pid, '-m', ...words], { stdio: 'ignore' })
  }

  it('becomes read-only: DENIED, which may be tried again; what ran there is known all the same', async () => {
    await withMachine({ login: user.name, mounts: mounts() }, async (machine, sshd) => {
      const earlier = script('exit 4')
      await machine.start(earlier)
      await exitOf(machine, earlier)
      // A runner that writes keeps the disk as it is.
      const remount = () => there(sshd, 'mount', '-o', 'remount,ro', user.home)
      await until('nobody to write there', () =>
        remount().then(
          () => true,
          () => null,
        ),
      )
      const attempt = script('true')
      await expect(machine.start(attempt)).rejects.toMatchObject({ code: 'DENIED', isRetryable: true })
      expect(await machine.probe(attempt)).toEqual({ kind: 'ABSENT' })
      expect(await machine.probe(earlier)).toMatchObject({ kind: 'EXITED', exit: { exitCode: 4 } })
      await there(sshd, 'mount', '-o', 'remount,rw', user.home)
      expect(await machine.start(attempt)).toMatchObject({ kind: 'STARTED' })
      expect(await exitOf(machine, attempt)).toMatchObject({ exitCode: 0 })
    })
  })

  it('becomes full: DISK_FULL, which may be tried again; an end is told when there is room', async () => {
    await withMachine({ login: user.name, mounts: mounts() }, async (machine, sshd) => {
      const go = path.join(folder.dir, 'go')
      const running = script(`until [ -e ${go} ]; do sleep 0.1; done; exit 5`)
      await machine.start(running)
      const filler = path.join(user.home, 'filler')
      await there(sshd, 'sh', '-c', `head -c 2M /dev/zero > ${filler} || :`)
      const attempt = script('true')
      await expect(machine.start(attempt)).rejects.toMatchObject({ code: 'DISK_FULL', isRetryable: true })
      await writeFile(go, '')
      expect(await machine.probe(running)).toMatchObject({ kind: 'RUNNING' })
      await there(sshd, 'rm', filler)
      expect(await exitOf(machine, running)).toMatchObject({ exitCode: 5, cause: 'EXITED' })
      expect(await machine.start(attempt)).toMatchObject({ kind: 'STARTED' })
      await rm(go)
    })
  })

  it('is read-only from the beginning: SPOOL, and the machine of then as soon as it is not', async () => {
    await withMachine({ login: user.name, mounts: mounts().replace('-o ', '-o ro,') }, async (machine, sshd) => {
      await expect(machine.inspect()).rejects.toMatchObject({ reason: 'SPOOL', code: 'UNREACHABLE', isRetryable: true })
      await there(sshd, 'mount', '-o', 'remount,rw', user.home)
      await expectRuns(machine)
    })
  })
})
