import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { requireProgram } from './require-program.js'
import { freePort } from './sshd.js'
import { until } from './until.js'

const REDIS = '/usr/bin/redis-server'

/** A redis-server of its own, which keeps nothing on disk. */
export interface Redis {
  readonly url: string
  /** Ends it; `start` begins a new, empty one at the same address. */
  stop(): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

export async function startRedis(): Promise<Redis> {
  requireProgram(REDIS, 'redis-server')
  const dir = await mkdtemp(path.join(os.tmpdir(), 'dagbook-redis-'))
  const port = await freePort()
  let server: ChildProcess | null = null
  const start = async () => {
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', dir]
    server = spawn(REDIS, options, { stdio: 'ignore' })
    await until('redis-server', () => answers(port))
  }
  const stop = async () => {
    const ended = server
    server = null
    if (ended === null) return
    if (ended.exitCode !== null || ended.signalCode !== null) return
    const closed = once(ended, 'close')
    ended.kill('SIGKILL')
    await closed
  }
  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    stop,
    remove: async () => {
      await stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(false))
    socket.once('data', (data) => {
      socket.destroy()
      resolve(String(data).startsWith('+PONG'))
    })
    socket.write('PING\r\n')
  })
}
