import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { runCommand } from '../../src/run-command.js'
import { processTerminal } from '../../src/terminal.js'
import type { FakeServer } from './fake-server.js'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** How a command ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A person with a configuration folder of their own who types commands. */
export class Person {
  private readonly running = new Set<ChildProcessWithoutNullStreams>()

  private constructor(
    readonly folder: string,
    readonly env: Record<string, string>,
  ) {}

  static async at(server: string): Promise<Person> {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: build first (npm run build)`)
    const folder = await mkdtemp(join(tmpdir(), 'dagbook-cli-'))
    return new Person(folder, { DAGBOOK_SERVER: server, DAGBOOK_CONFIG: join(folder, 'context.json') })
  }

  get contextPath(): string {
    return this.env.DAGBOOK_CONFIG as string
  }

  /** Runs a command to its end. */
  async types(args: readonly string[], stdin = '', env: Record<string, string> = {}): Promise<Ended> {
    const command = this.starts(args, env)
    command.child.stdin.end(stdin)
    return command.ended
  }

  /** The same without a process of its own, which takes a second of the processor; `signal` is Ctrl-C. */
  async enters(
    args: readonly string[],
    stdin = '',
    env: Record<string, string> = {},
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Ended> {
    const [input, out, err] = [new PassThrough(), new PassThrough(), new PassThrough()]
    input.end(stdin)
    const whole = { ...this.env, ...env }
    const streams = { stdin: input, stdout: out, stderr: err, env: whole } as unknown as NodeJS.Process
    const world = { env: whole, terminal: processTerminal(streams), signal }
    const before = process.cwd()
    process.chdir(this.folder)
    const code = await runCommand(['node', 'dagbook', ...args], world, '0.0.0').finally(() => process.chdir(before))
    out.end()
    err.end()
    return { code, stdout: await text(out), stderr: await text(err) }
  }

  /** Starts a command and lets it run. */
  starts(args: readonly string[], env: Record<string, string> = {}): RunningCommand {
    const { PATH = '', ...given } = { PATH: process.env.PATH, ...this.env, ...env }
    const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH, ...given }, cwd: this.folder })
    this.running.add(child)
    child.once('close', () => this.running.delete(child))
    return new RunningCommand(child)
  }

  /** As after `dagbook login`, without the time that it takes. */
  async isSignedIn({ access }: FakeServer): Promise<void> {
    const { accessToken, refreshToken, expiresAt } = access.issue()
    const tokens = { username: 'admin', accessToken, refreshToken, expiresAt }
    const server = this.env.DAGBOOK_SERVER as string
    const context = { version: 1, currentServer: server, servers: { [server]: tokens } }
    await writeFile(this.contextPath, JSON.stringify(context), { mode: 0o600 })
  }

  async leaves(): Promise<void> {
    for (const child of this.running) {
      child.kill('SIGKILL')
      await once(child, 'close')
    }
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** A command that has not ended yet. */
export class RunningCommand {
  stdout = ''
  stderr = ''
  readonly ended: Promise<Ended>

  constructor(readonly child: ChildProcessWithoutNullStreams) {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.ended = once(child, 'close').then(([code]) => ({
      code: code as number | null,
      stdout: this.stdout,
      stderr: this.stderr,
    }))
  }

  /** Waits until stdout shows the text. */
  async shows(text: string): Promise<void> {
    while (!this.stdout.includes(text)) {
      if (this.child.exitCode !== null) throw new Error(`ended without showing ${text}: ${this.stdout}${this.stderr}`)
      await Promise.race([once(this.child.stdout, 'data'), this.ended])
    }
  }
}
