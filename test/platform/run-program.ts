import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'

/** A program of ours in a process of its own, whose lines are read as they come. */
export class Program {
  readonly lines: string[] = []
  readonly ended: Promise<{ code: number | null; signal: string | null }>
  private readonly reader

  private constructor(readonly child: ChildProcess) {
    this.reader = createInterface({ input: child.stdout as NodeJS.ReadableStream })
    this.reader.on('line', (line) => this.lines.push(line))
    this.ended = once(child, 'close').then(([code, signal]) => ({ code, signal }))
  }

  /** Runs compiled JavaScript, its imports relative to dist/src; as another user when `as` says how. */
  static run(text: string, as: readonly string[] = []): Program {
    const root = path.resolve(import.meta.dirname, '../../dist/src')
    const source = text.replaceAll("from './", `from '${root}/`)
    const [command = process.execPath, ...args] = [...as, process.execPath, '--input-type=module', '-e', source]
    const env = { PATH: process.env.PATH ?? '/usr/bin:/bin' }
    return new Program(spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env, cwd: '/' }))
  }

  get pid(): number {
    return this.child.pid as number
  }

  /** Resolves with the next line that matches, or the first that did already. */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.lines.find((line) => pattern.test(line))
      if (found !== undefined) return found
      const next = await Promise.race([once(this.reader, 'line'), this.ended.then(() => null)])
      if (next === null && !this.lines.some((line) => pattern.test(line))) {
        throw new Error(`The program ended without a line like ${pattern}, given:\n${this.lines.join('\n')}`)
      }
    }
  }
}
