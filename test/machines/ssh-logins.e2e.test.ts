import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { HOST_SCRIPT } from '../../src/machines/agent-script.js'
import { ContactError } from '../../src/machines/contact-error.js'
import type { Machine } from '../../src/machines/machine.js'
import { SshHost, type SshHostOptions, type SshMachineOptions } from '../../src/machines/ssh.js'
import { requireProgram } from '../helpers/require-program.js'
import { makeKeyPair, type Sshd, startSshd } from '../helpers/sshd.js'
import { unless, whyNoMounts, whyNotRoot } from '../helpers/unless.js'
import { until } from '../helpers/until.js'
import { makeUser, type TestUser } from '../helpers/users.js'
import { exitOf, firstLine, lives, makeFolder, readAll, script } from './attempts.js'

const asRoot = unless(whyNotRoot())
const withMounts = unless(whyNoMounts())

interface Given {
  readonly options?: Partial<SshHostOptions>
  readonly machine?: Partial<SshMachineOptions>
  readonly mounts?: string
}

/** A machine of that login, for one test. */
async function as<Result>(login: TestUser, given: Given, test: (machine: Machine, sshd: Sshd) => Promise<Result>) {
  const sshd = await startSshd({ login: login.name, ...(given.mounts === undefined ? {} : { mounts: given.mounts }) })
  const host = new SshHost({ ...sshd.options, ...given.options })
  const machine = host.machine({ user: null, ...given.machine })
  try {
    return await test(machine, sshd)
  } finally {
    await machine.close()
    await host.close()
    await sshd.stop()
  }
}

/** Why no agent can be had there. */
async function refusal(login: TestUser, given: Given = {}): Promise<ContactError> {
  const error = await as(login, given, (machine) => machine.inspect().catch((reason: unknown) => reason))
  if (!(error instanceof ContactError)) throw new Error(`No refusal: ${JSON.stringify(error)}`)
  return error
}

/** What `echo` says there. */
function echoed(login: TestUser, given: Given = {}): Promise<string> {
  return as(login, given, async (machine) => {
    const attempt = script('echo "$(id -un) $HOME $DAGBOOK_OUTPUT"')
    await machine.start(attempt)
    await exitOf(machine, attempt)
    return String(await readAll(machine, attempt, 'STDOUT'))
  })
}

asRoot.describe('a login whose shell', () => {
  it.each([
    ['/bin/dash', 'dash'],
    ['/bin/bash', 'bash'],
    ['/bin/tcsh', 'tcsh'],
    ['/usr/bin/fish', 'fish'],
  ])('is %s runs an agent, its spool in its home', async (shell, name) => {
    requireProgram(shell, name)
    const login = await makeUser(shell)
    expect(await echoed(login)).toMatch(
      new RegExp(`^${login.name} ${login.home} ${login.home}/.dagbook/spool/instance_`),
    )
    await login.remove()
  })

  it.each([
    ['/bin/false', 'it ended with 1'],
    ['/usr/sbin/nologin', 'This account is currently not available.'],
  ])('is %s: LOGIN_SHELL, with what it said', async (shell, said) => {
    const login = await makeUser(shell)
    const error = await refusal(login)
    expect(error).toMatchObject({ reason: 'LOGIN_SHELL', code: 'UNREACHABLE', isRetryable: false })
    expect(error.message).toContain(said)
    await login.remove()
  })

  it.each([
    ['prints lines', 'echo "dagbook-0 OK x y"; echo hello >&2', null],
    ['prints no newline', 'printf "Welcome! 1 OK"', null],
    ['prints bytes of no text', "head -c 100000 /dev/urandom; printf '\\0\\033[2J'", null],
    ['prints without end', 'yes', 'LOGIN_SHELL'],
    ['ends the shell', 'echo no service today; exit 3', 'LOGIN_SHELL'],
    ['eats what is sent', 'cat > /dev/null', 'TIMEOUT'],
    ['finds no programs', 'PATH=/nowhere', 'NO_TOOL'],
  ])('has an rc file that %s', async (_, rc, reason) => {
    const login = await makeUser('/bin/bash')
    await writeFile(path.join(login.home, '.bashrc'), `${rc}\n`)
    if (reason === null) expect(await echoed(login)).toContain(login.name)
    else expect(await refusal(login, { options: { greetingTimeoutMs: 1_500 } })).toMatchObject({ reason })
    await login.remove()
  })
})

asRoot.describe('a host', () => {
  let login: TestUser
  beforeAll(async () => {
    login = await makeUser()
  })
  afterAll(() => login.remove())

  it('that lacks a tool: NO_TOOL, which it names', async () => {
    const text = HOST_SCRIPT.replace('for tool in ', 'for tool in no-such-tool nor-this ')
    const error = await refusal(login, { machine: { script: text } })
    expect(error).toMatchObject({ reason: 'NO_TOOL', isRetryable: false })
    expect(error.message).toMatch(/no-such-tool nor-this$/)
  })

  it('that lets nobody write to the spool: SPOOL, and the spool as soon as it does', async () => {
    const dir = path.join(login.home, 'closed')
    await mkdir(dir)
    const machine = { spoolDir: path.join(dir, 'spool') }
    const error = await refusal(login, { machine })
    expect(error).toMatchObject({ reason: 'SPOOL', isRetryable: true })
    expect(error.message).toContain('Permission denied')
    await chmod(dir, 0o777)
    expect(await echoed(login, { machine })).toContain(`${dir}/spool/instance_`)
  })

  it('whose spool belongs to somebody else: SPOOL', async () => {
    const spoolDir = path.join(login.home, 'foreign')
    await mkdir(path.join(spoolDir, '.incoming'), { recursive: true })
    expect(await refusal(login, { machine: { spoolDir } })).toMatchObject({ reason: 'SPOOL' })
    await writeFile(path.join(spoolDir, '.events'), '')
    expect(await refusal(login, { machine: { spoolDir } })).toMatchObject({ reason: 'SPOOL' })
  })

  it('says what it is, and which spool that is', async () => {
    const report = await as(login, {}, (machine) => machine.inspect())
    expect(report).toMatchObject({
      user: login.name,
      spool: `${login.home}/.dagbook/spool`,
      architecture: expect.stringMatching(/\w/),
    })
    expect(report.bootId).toMatch(/^[0-9a-f-]{36}$/)
    expect(report.spoolId).toMatch(/^[0-9a-f-]{36}$/)
    expect(report.memoryBytes).toBeGreaterThan(100e6)
    expect(report.spoolFreeBytes).toBeGreaterThan(0)
    expect(await as(login, {}, (machine) => machine.inspect())).toMatchObject({ spoolId: report.spoolId })
  })

  it('that was made anew: ANOTHER_HOST, before anything is asked of it', async () => {
    const spoolDir = path.join(login.home, 'identity')
    await as(login, { machine: { spoolDir } }, async (machine, sshd) => {
      const { spoolId, machineId } = await machine.inspect()
      const identity = { spoolId, machineId }
      await rm(spoolDir, { recursive: true })
      await sshd.signal('SIGKILL', 'SESSIONS')
      const error = await machine.start(script('true')).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('another spool') })
      const host = new SshHost(sshd.options)
      const later = host.machine({ user: null, spoolDir, identity })
      await expect(later.inspect()).rejects.toMatchObject({ reason: 'ANOTHER_HOST', isRetryable: false })
      await later.close()
      await host.close()
    })
  })
})

withMounts.describe('a host where there is no room', () => {
  let login: TestUser
  beforeAll(async () => {
    login = await makeUser()
  })
  afterAll(() => login.remove())

  it('and the home is read-only: SPOOL', async () => {
    const error = await refusal(login, { mounts: `mount -t tmpfs -o ro none ${login.home}` })
    expect(error).toMatchObject({ reason: 'SPOOL', isRetryable: true })
    expect(error.message).toContain('Read-only file system')
  })

  it('for a new spool: SPOOL_FULL', async () => {
    const full = `mount -t tmpfs -o size=16k,mode=777 none ${login.home}; head -c 64k /dev/zero > ${login.home}/filler || :`
    expect(await refusal(login, { mounts: full })).toMatchObject({ reason: 'SPOOL_FULL', isRetryable: true })
  })

  it('in /tmp runs attempts all the same', async () => {
    const full = 'mount -t tmpfs -o size=16k,mode=1777 none /tmp; head -c 64k /dev/zero > /tmp/filler || :'
    expect(await echoed(login, { mounts: full })).toContain(login.name)
  })
})

asRoot.describe('a login that becomes another user', () => {
  let login: TestUser
  let user: TestUser
  beforeAll(async () => {
    login = await makeUser()
    user = await makeUser('/usr/sbin/nologin')
  })
  afterAll(async () => {
    await login.remove()
    await user.remove()
  })

  const machine = () => ({ user: user.name })

  it.each([
    ['SUDO_PASSWORD', 'but not without a password', () => [`${login.name} ALL=(${user.name}) ALL`], () => user.name],
    [
      'SUDO_TTY',
      'but not without a terminal',
      () => [`Defaults:${login.name} requiretty`, everything()],
      () => user.name,
    ],
    ['SUDO_USER', 'that the host does not have', () => [everything()], () => 'no-such-user'],
    ['SUDO_PASSWORD', 'but only a third', () => [`${login.name} ALL=(daemon) NOPASSWD: ALL`], () => user.name],
    [
      'SUDO_DENIED',
      'but nobody, and is not asked who it is',
      () => [`Defaults:${login.name} !authenticate`, `${login.name} ALL=(daemon) ALL`],
      () => user.name,
    ],
  ])('%s: %s', async (reason, _, sudoers, who) => {
    await login.sudoers(...sudoers())
    expect(await refusal(login, { machine: { user: who() } })).toMatchObject({ reason, isRetryable: false })
  })

  it('NO_TOOL: where there is no sudo', async () => {
    const bare = await makeUser('/bin/bash')
    await writeFile(
      path.join(bare.home, '.bashrc'),
      'PATH=~/bin:/bin; mkdir -p ~/bin; ln -sf /usr/bin/env ~/bin; PATH=~/bin\n',
    )
    const error = await refusal(bare, { machine: machine() })
    expect(error).toMatchObject({ reason: 'NO_TOOL' })
    expect(error.message).toContain('sudo')
    await bare.remove()
  })

  it('has its spool in the home of that user', async () => {
    await login.sudoers(everything())
    const text = await echoed(login, { machine: machine() })
    expect(text).toMatch(new RegExp(`^${user.name} ${user.home} ${user.home}/.dagbook/spool/`))
  })

  it('needs nobody else when it is that user itself', async () => {
    await login.sudoers('')
    expect(await echoed(login, { machine: { user: login.name } })).toMatch(new RegExp(`^${login.name} ${login.home} `))
  })

  it('cannot be given a name that a shell would look at', () => {
    const { private: privateKey } = makeKeyPair()
    const host = new SshHost({ host: 'h', port: 22, login: 'l', hostKeys: [], privateKey })
    for (const name of ['', 'a b', '$(id)', "a'b", '-u', 'a;b', '#0', 'a\nb']) {
      expect(() => host.machine({ user: name })).toThrow(expect.objectContaining({ code: 'DENIED' }))
    }
  })

  it('keeps what runs when sudo is killed, also where sudo stays to watch over it', async () => {
    const { dir, remove } = await makeFolder()
    await chmod(dir, 0o777)
    await login.sudoers(`Defaults:${login.name} use_pty, log_output`, everything())
    await as(login, { machine: machine() }, async (running) => {
      const attempt = script(`echo $$ > ${dir}/pid; trap "" HUP; until [ -e ${dir}/go ]; do sleep 0.1; done; exit 9`)
      await running.start(attempt)
      const pid = await firstLine(`${dir}/pid`)
      // Only sudo itself: what it left to watch over the program then ends that with everything of its group.
      const [all, tops] = [await sudosOf(user, 'ALL'), await sudosOf(user, 'TOPS')]
      for (const top of tops) process.kill(top, 'SIGKILL')
      await until('sudo to go', async () => !(await Promise.all(all.map(lives))).some(Boolean))
      expect(await running.probe(attempt)).toEqual({ kind: 'RUNNING', pid: Number(pid) })
      expect(await lives(pid)).toBe(true)
      await writeFile(`${dir}/go`, '')
      expect(await exitOf(running, attempt)).toMatchObject({ exitCode: 9, cause: 'EXITED' })
    })
    // Where sudo keeps what it logged.
    await rm('/var/log/sudo-io', { recursive: true, force: true })
    await remove()
  })

  function everything(): string {
    return `${login.name} ALL=(${user.name}) NOPASSWD: ALL`
  }
})

/** The processes that became that user for somebody; TOPS: without those that they forked. */
async function sudosOf(user: TestUser, which: 'ALL' | 'TOPS'): Promise<number[]> {
  const found: number[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
    if (words[0] === 'sudo' && words.includes(user.name)) found.push(Number(pid))
  }
  if (which === 'ALL') return found
  const parents = await Promise.all(found.map(parentOf))
  return found.filter((_, index) => !found.includes(parents[index] ?? 0))
}

async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') S 0')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}
