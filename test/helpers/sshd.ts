import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { type HostKey, parseHostKey } from '../../src/machines/host-keys.js'
import type { SshHostOptions } from '../../src/machines/ssh.js'
import { requireProgram } from './require-program.js'
import { until } from './until.js'

const SSHD = '/usr/sbin/sshd'

/** A private sshd, with a host key and a login key of its own. */
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
  /** Lines of sshd_config, instead of the usual ones with the same keyword. */
  readonly config?: readonly string[]
  /** Who logs in; default: the user of this process. Another one needs root. */
  readonly login?: string
  /** A host key that it has besides its own, in OpenSSH form. */
  readonly hostKey?: string
  /** A public key that may log in, besides the one of `options`. */
  readonly authorized?: string
  /** Shell text that is run first, in a mount namespace that sshd and all below it share; see `whyNoMounts`. */
  readonly mounts?: string
  /** Where it listens. Default 127.0.0.1. */
  readonly address?: string
  /** The network namespace that it listens in. Default: ours. */
  readonly namespace?: string
}

/** OpenSSH's server and sudo: installed where that can be done, never skipped. */
export function requireSshd(): void {
  requireProgram(SSHD, 'openssh-server')
  requireProgram('/usr/bin/sudo', 'sudo')
}

/** Starts one; it logs in whom the options say, with a new key. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const { config = [], login = os.userInfo().username, mounts, address = '127.0.0.1' } = options
  const around = wrapping(mounts, options.namespace)
  requireSshd()
  // Not in the folder for temporary files when that is what is changed.
  const dir = await mkdtemp(path.join(mounts === undefined ? os.tmpdir() : '/var/tmp', 'dagbook-sshd-'))
  await chmod(dir, 0o755)
  // Root's sshd wants its folder for separated privileges, which only the service makes.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  const key = makeKeyPair()
  await writeFile(path.join(dir, 'authorized_keys'), `${key.public}\n${options.authorized ?? ''}\n`, { mode: 0o644 })
  const more = options.hostKey === undefined ? [] : [`HostKey ${dir}/other_key`]
  if (options.hostKey !== undefined) await writeFile(path.join(dir, 'other_key'), options.hostKey, { mode: 0o600 })
  let hostKey = await makeHostKey(dir)
  const port = await freePort()
  await writeFile(path.join(dir, 'config'), configOf(dir, port, [`ListenAddress ${address}`, ...config, ...more]))
  let server = await listen(dir, around)
  const sessions = () => childrenOf(server.pid ?? 0)
  return {
    port,
    dir,
    get hostKey() {
      return hostKey
    },
    get options() {
      return { host: address, port, login, privateKey: key.private, hostKeys: [hostKey] }
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
      server = await listen(dir, around)
    },
    async stop() {
      await end(server)
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** A new key pair as ssh-keygen makes it: one in 256 of those that ssh2 makes lacks a byte (1.17.0). */
export function makeKeyPair(type: 'ed25519' | 'ecdsa' | 'rsa' = 'ed25519', passphrase = '') {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'dagbook-key-'))
  try {
    const file = path.join(dir, 'key')
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'test', '-f', file], { stdio: 'ignore' })
    return { private: readFileSync(file, 'utf8'), public: readFileSync(`${file}.pub`, 'utf8').trim() }
  } finally {
    rmSync(dir, { recursive: true })
  }
}

async function makeHostKey(dir: string): Promise<HostKey> {
  const pair = makeKeyPair()
  await writeFile(path.join(dir, 'host_key'), pair.private, { mode: 0o600 })
  return parseHostKey(pair.public) as HostKey
}

function configOf(dir: string, port: number, config: readonly string[]): string {
  const usual = [
    `Port ${port}`,
    `PidFile ${dir}/pid`,
    `AuthorizedKeysFile ${dir}/authorized_keys`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'MaxStartups 200:30:400',
    'LogLevel DEBUG1',
  ]
  const keyword = (line: string) => line.split(' ')[0]
  const kept = usual.filter((line) => !config.some((other) => keyword(other) === keyword(line)))
  return [`HostKey ${dir}/host_key`, ...config, ...kept, ''].join('\n')
}

/** What sshd is started by, to live in namespaces of its own. */
function wrapping(mounts: string | undefined, namespace: string | undefined): readonly string[] {
  const inNetwork = namespace === undefined ? [] : ['nsenter', `--net=/run/netns/${namespace}`]
  return mounts === undefined ? inNetwork : [...inNetwork, 'unshare', '-m', 'sh', '-ec', `${mounts}\nexec "$@"`, 'sh']
}

async function listen(dir: string, around: readonly string[]): Promise<ChildProcess> {
  const words = [...around, SSHD, '-D', '-f', path.join(dir, 'config'), '-E', path.join(dir, 'log')]
  const [program = '', ...args] = words
  // Before it starts: it may have said so by the time that a busy process looks.
  const from = (await readFile(path.join(dir, 'log'), 'utf8').catch(() => '')).length
  const server = spawn(program, args, { stdio: 'ignore' })
  await until('sshd to listen', async () => {
    const log = (await readFile(path.join(dir, 'log'), 'utf8').catch(() => '')).slice(from)
    if (server.exitCode !== null) throw new Error(`sshd did not start:\n${log}`)
    return log.includes('Server listening')
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

/** A port of this host that nothing listened to just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
