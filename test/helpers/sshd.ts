import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import ssh2 from 'ssh2'
import { type HostKey, parseHostKey } from '../../src/machines/host-keys.js'
import type { SshHostOptions } from '../../src/machines/ssh.js'
import { until } from './until.js'

const SSHD = '/usr/sbin/sshd'

/** A private sshd on 127.0.0.1, with a host key and a login key of its own. */
export interface Sshd {
  readonly port: number
  /** What it takes to log in; without `hostKeys` for the first contact. */
  readonly options: SshHostOptions
  readonly hostKey: HostKey
  /** A folder of its own, which every user may enter. */
  readonly dir: string
  /** What it has logged so far, at DEBUG1. */
  log(): Promise<string>
  /** The processes that serve connections: children of the one that listens. */
  sessions(): Promise<number[]>
  /** Signals the whole server, or what serves connections. */
  signal(signal: NodeJS.Signals, whom: 'LISTENER' | 'SESSIONS'): Promise<void>
  /** Ends it and its connections, and starts it again on its port; with another host key when that is asked for. */
  restart(change?: { readonly hostKey: 'NEW' }): Promise<void>
  stop(): Promise<void>
}

export interface SshdOptions {
  /** Lines of sshd_config that come before the usual ones: the first value counts. */
  readonly config?: readonly string[]
  /** Who logs in; default: the user of this process. Another one needs root. */
  readonly login?: string
}

/** Installs OpenSSH's server and sudo where that can be done, else says what to install. Never skips. */
export function requireSshd(): void {
  if (existsSync(SSHD) && existsSync('/usr/bin/sudo')) return
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error('These tests need /usr/sbin/sshd and sudo: install the packages openssh-server and sudo')
  }
  // Several test files may want it at once.
  const apt = (...args: string[]) =>
    execFileSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  apt('update')
  apt('install', '-y', '--no-install-recommends', 'openssh-server', 'sudo')
}

/** Starts one; it logs in whom the options say, with a new key. */
export async function startSshd({ config = [], login = os.userInfo().username }: SshdOptions = {}): Promise<Sshd> {
  requireSshd()
  const dir = await mkdtemp(path.join(os.tmpdir(), 'dagbook-sshd-'))
  await chmod(dir, 0o755)
  // Root's sshd wants its folder for separated privileges, which only the service makes.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  const key = ssh2.utils.generateKeyPairSync('ed25519')
  await writeFile(path.join(dir, 'authorized_keys'), `${key.public}\n`, { mode: 0o644 })
  let hostKey = await makeHostKey(dir)
  const port = await freePort()
  await writeFile(path.join(dir, 'config'), configOf(dir, port, config))
  let server = await listen(dir)
  const sessions = () => childrenOf(server.pid ?? 0)
  return {
    port,
    dir,
    get hostKey() {
      return hostKey
    },
    get options() {
      return { host: '127.0.0.1', port, login, privateKey: key.private, hostKeys: [hostKey] }
    },
    log: () => readFile(path.join(dir, 'log'), 'utf8'),
    sessions,
    async signal(signal, whom) {
      const pids =
        whom === 'LISTENER' ? [server.pid ?? 0] : (await Promise.all((await sessions()).map(withChildren))).flat()
      for (const pid of pids) tryKill(pid, signal)
    },
    async restart(change) {
      await end(server)
      if (change !== undefined) hostKey = await makeHostKey(dir)
      server = await listen(dir)
    },
    async stop() {
      await end(server)
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function makeHostKey(dir: string): Promise<HostKey> {
  const pair = ssh2.utils.generateKeyPairSync('ed25519')
  await writeFile(path.join(dir, 'host_key'), pair.private, { mode: 0o600 })
  return parseHostKey(pair.public) as HostKey
}

function configOf(dir: string, port: number, config: readonly string[]): string {
  return [
    ...config,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${dir}/host_key`,
    `PidFile ${dir}/pid`,
    `AuthorizedKeysFile ${dir}/authorized_keys`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'MaxStartups 200:30:400',
    'LogLevel DEBUG1',
    '',
  ].join('\n')
}

async function listen(dir: string): Promise<ChildProcess> {
  const server = spawn(SSHD, ['-D', '-f', path.join(dir, 'config'), '-E', path.join(dir, 'log')], { stdio: 'ignore' })
  const from = (await readFile(path.join(dir, 'log'), 'utf8').catch(() => '')).length
  await until('sshd to listen', async () => {
    const log = (await readFile(path.join(dir, 'log'), 'utf8').catch(() => '')).slice(from)
    if (server.exitCode !== null) throw new Error(`sshd did not start:\n${log}`)
    return log.includes('Server listening') ? true : null
  })
  return server
}

/** Its connections go with it: those that it left would keep ports and users busy. */
async function end(server: ChildProcess): Promise<void> {
  const left = await Promise.all((await childrenOf(server.pid ?? 0)).map(withChildren))
  if (server.exitCode === null && server.signalCode === null) {
    const gone = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGKILL')
    await gone
  }
  for (const pid of left.flat()) tryKill(pid, 'SIGKILL')
}

/** With separated privileges a connection is two processes: one of root's, and one of the user's below it. */
async function withChildren(pid: number): Promise<number[]> {
  const below: number[] = []
  for (const child of await childrenOf(pid)) {
    const name = await readFile(`/proc/${child}/comm`, 'utf8').catch(() => '')
    if (name.startsWith('sshd')) below.push(child)
  }
  return [pid, ...below]
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return text.split(' ').filter(Boolean).map(Number)
}

function tryKill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended.
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
