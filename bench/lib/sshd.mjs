import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'

const SSHD = '/usr/sbin/sshd'

/**
 * An OpenSSH server of its own on 127.0.0.1, with as many channels a connection as anybody asks for. Who logs in is the
 * user of this process. Answers what it takes to log in, and `stop`.
 */
export async function startSshd() {
  if (!existsSync(SSHD)) throw new Error(`This benchmark needs ${SSHD}: install the package openssh-server`)
  if (process.getuid() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const dir = mkdtempSync(path.join(os.tmpdir(), 'dagbook-bench-sshd-'))
  makeKey(path.join(dir, 'host'))
  const login = makeKey(path.join(dir, 'login'))
  writeFileSync(path.join(dir, 'authorized_keys'), login.public)
  const port = await freePort()
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${dir}/host`,
    `AuthorizedKeysFile ${dir}/authorized_keys`,
    // A home of the benchmark's own, and so a spool of its own.
    `SetEnv HOME=${dir}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'MaxSessions 100',
    'PidFile none',
  ]
  writeFileSync(path.join(dir, 'config'), `${config.join('\n')}\n`)
  const server = spawn(SSHD, ['-D', '-f', path.join(dir, 'config')], { stdio: 'ignore' })
  await listening(port)
  return {
    host: '127.0.0.1',
    port,
    loginUser: os.userInfo().username,
    privateKey: login.private,
    hostKeyFingerprint: fingerprintOf(path.join(dir, 'host.pub')),
    stop() {
      server.kill()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function makeKey(file) {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file])
  return { private: readFileSync(file, 'utf8'), public: readFileSync(`${file}.pub`, 'utf8') }
}

function fingerprintOf(file) {
  return execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' }).split(' ')[1]
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function listening(port) {
  for (let tries = 0; tries < 500; tries += 1) {
    const isOpen = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
      socket.once('data', () => socket.destroy())
    })
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`sshd does not listen on port ${port}`)
}
