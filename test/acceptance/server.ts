import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { until } from '../helpers/until.js'

export const CHECKOUT = path.resolve(import.meta.dirname, '../..')

export interface ServerOptions {
  /** What comes before the command, to run it as somebody else. */
  readonly as?: readonly string[]
  /** Whose server it is; default this checkout's. */
  readonly checkout?: string
}

/** How a process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: string | null
}

/** A server as `npm start` runs it, in a process of its own with an environment of its own. */
export class Server {
  /** All that it printed, both streams. */
  output = ''
  readonly ended: Promise<Ended>
  private readonly child: ChildProcess

  constructor(env: Readonly<Record<string, string>>, { as = [], checkout = CHECKOUT }: ServerOptions = {}) {
    const main = path.join(checkout, 'dist/src/main.js')
    if (!existsSync(main)) throw new Error(`${main} is missing: build first (npm run build)`)
    const [command = process.execPath, ...args] = [...as, process.execPath, '--enable-source-maps', main]
    const { PATH = '/usr/bin:/bin', HOME = '/' } = process.env
    this.child = spawn(command, args, { cwd: checkout, env: { PATH, HOME, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text
      })
    }
    this.ended = once(this.child, 'close').then(([code, signal]) => ({ code, signal }))
  }

  get pid(): number {
    return this.child.pid as number
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  /** Where it says that it listens. Throws before it does. */
  get url(): string {
    const address = /is ready at (http:\S+)\/graphql/.exec(this.output)?.[1]
    if (address === undefined) throw new Error(`The server does not listen yet:\n${this.output}`)
    return address
  }

  /** Waits until it answers that it is ready. Throws what it printed when it ends instead. */
  async ready(limitMs = 180_000): Promise<void> {
    const isReady = async () => {
      if (!this.isRunning) throw new Error(`The server ended before it was ready:\n${this.output}`)
      if (!this.output.includes('is ready at')) return false
      return (await fetch(`${this.url}/readyz`)).ok
    }
    await until(`readiness of the server`, isReady, limitMs).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.output}`)
    })
  }

  async kill9(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
  }

  /** Asks it to stop, as a service manager does: killed when it has not within its time. */
  async stop(limitMs = 60_000): Promise<Ended> {
    this.child.kill('SIGTERM')
    const timer = setTimeout(() => this.child.kill('SIGKILL'), limitMs)
    const ended = await this.ended
    clearTimeout(timer)
    return ended
  }
}
