import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { WiringOptions } from '../helpers/wiring.js'

/** A dispatcher in another process. */
export interface OtherDispatcher {
  /** Its node's id. */
  readonly node: string
  readonly pid: number
  signal(name: NodeJS.Signals): void
  /** Ends it at once; again: does nothing. */
  kill(): Promise<void>
  /** Resolves with its exit code, or null when a signal ended it. */
  readonly gone: Promise<number | null>
}

/** Starts one; `compiled` is the folder of compileSources. Resolves when it dispatches. */
export async function startOther(compiled: string, options: WiringOptions): Promise<OtherDispatcher> {
  const program = path.join(compiled, 'test/helpers/dispatcher-process.js')
  const child = spawn(process.execPath, [program, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH },
  })
  const gone = once(child, 'exit').then(([code]) => code as number | null)
  const [node] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    gone.then(() => ['']),
  ])) as [string]
  if (node === '') throw new Error('The other dispatcher did not start')
  return {
    node,
    pid: child.pid as number,
    gone,
    signal: (name) => void child.kill(name),
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
  }
}
