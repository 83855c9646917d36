import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { endProcess, type Found, processesOf } from '../helpers/processes.js'
import { until } from '../helpers/until.js'
import { Server, type ServerOptions } from './server.js'

/** A folder of its own for the data of servers, which ends with all that was started in it. */
export class Sandbox {
  private readonly servers: Server[] = []
  /** Where the first server listened; those after it do so again, as a server of a user's would. */
  private port = 0
  private killed: number | null = null

  private constructor(readonly folder: string) {}

  static async make(): Promise<Sandbox> {
    const sandbox = new Sandbox(await mkdtemp(path.join(tmpdir(), 'dagbook-acceptance-')))
    // Servers and tasks of other users pass through.
    await chmod(sandbox.folder, 0o711)
    return sandbox
  }

  get dataDir(): string {
    return path.join(this.folder, 'data')
  }

  /** Starts a server on the sandbox's data and does not wait for it. */
  spawn(env: Readonly<Record<string, string>> = {}, options: ServerOptions = {}): Server {
    const given = { DAGBOOK_DATA_DIR: this.dataDir, DAGBOOK_ADMIN_PASSWORD: ADMIN_PASSWORD, PORT: String(this.port) }
    const server = new Server({ ...given, ...env }, options)
    this.servers.push(server)
    return server
  }

  /** Starts a server and waits until it answers. */
  async start(env: Readonly<Record<string, string>> = {}, options: ServerOptions = {}): Promise<Server> {
    const server = this.spawn(env, options)
    await server.ready()
    this.port ||= Number(new URL(server.url).port)
    return server
  }

  /** The server that was started last. */
  get latest(): Server {
    return this.servers.at(-1) as Server
  }

  /** The server of the embedded PostgreSQL; null when none has written down its number. */
  async postmaster(): Promise<number | null> {
    const text = await readFile(path.join(this.dataDir, 'postgres/data/postmaster.pid'), 'utf8').catch(() => '')
    return Number.parseInt(text, 10) || null
  }

  async killPostgres(): Promise<void> {
    this.killed = await this.postmaster()
    process.kill(this.killed as number, 'SIGKILL')
  }

  /** Waits until one has taken the place of the killed one, whose processes may go on to answer for a moment. */
  async anotherPostgres(): Promise<void> {
    await until('another PostgreSQL', async () => {
      const now = await this.postmaster()
      return now !== null && now !== this.killed
    })
  }

  processes(): Found[] {
    return processesOf(this.folder)
  }

  /** Stops the servers and removes the folder. Throws when a process of the sandbox outlives them, having ended it. */
  async close(): Promise<void> {
    for (const server of this.servers) if (server.isRunning) await server.stop()
    const left = await until('the end of all processes', () => this.processes().length === 0).then(
      () => [],
      () => this.processes(),
    )
    for (const { pid } of left) endProcess(pid)
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 })
    const lines = left.map(({ pid, command }) => `${pid} ${command}`)
    if (left.length > 0) throw new Error(`Left behind in ${this.folder}:\n${lines.join('\n')}`)
  }
}

/** Of every server, unless a test says otherwise. */
export const ADMIN_PASSWORD = 'correct horse battery'
