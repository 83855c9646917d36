import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { ADMIN_PASSWORD, type Sandbox } from './sandbox.js'
import { CHECKOUT, type Server } from './server.js'

/** What a command printed, and its exit code. */
export interface Printed {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** `dagbook`, as somebody types it in the checkout's folder. */
export class CommandLine {
  private readonly env: Record<string, string>

  constructor(sandbox: Sandbox, server: Server) {
    const { PATH = '' } = process.env
    this.env = { PATH, DAGBOOK_SERVER: server.url, DAGBOOK_CONFIG: path.join(sandbox.folder, 'context.json') }
  }

  async run(args: readonly string[], stdin = ''): Promise<Printed> {
    const main = path.join(CHECKOUT, 'clients/cli/dist/main.js')
    const child = spawn(process.execPath, [main, ...args], { cwd: CHECKOUT, env: this.env })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.stdin.end(stdin)
    const [code] = await once(child, 'close')
    return { code, stdout, stderr }
  }

  /** The document of a command with --json. Throws when the command fails. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever they asked for
  async json(args: readonly string[]): Promise<any> {
    const { code, stdout, stderr } = await this.run([...args, '--json'])
    if (code !== 0) throw new Error(`dagbook ${args.join(' ')} ended with ${code}: ${stderr}`)
    return JSON.parse(stdout)
  }

  async signIn(): Promise<void> {
    const { code, stderr } = await this.run(['login', '--username', 'admin', '--password-stdin'], ADMIN_PASSWORD)
    if (code !== 0) throw new Error(stderr)
  }
}
