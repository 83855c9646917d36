import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { transformFile } from '@swc/core'
import type { AttemptSpec } from '../../src/machines/machine.js'

const SOURCES = fileURLToPath(new URL('../../src/machines/', import.meta.url))

/** Another server on the same spool: a Node process of its own, which can be killed. It does one thing and then waits. */
export interface OtherServer {
  /** Starts the attempt there and resolves with the answer. */
  start(attempt: AttemptSpec): Promise<{ readonly kind: string }>
  kill(): Promise<void>
}

/** The machines room, compiled into `dir` for a process outside of jest. */
export async function compileMachines(dir: string): Promise<string> {
  const out = path.join(dir, 'compiled')
  await mkdir(out, { recursive: true })
  await writeFile(path.join(out, 'package.json'), '{"type":"module"}')
  await symlink(fileURLToPath(new URL('../../node_modules', import.meta.url)), path.join(out, 'node_modules'))
  const files = (await readdir(SOURCES)).filter((file) => file.endsWith('.ts'))
  await Promise.all(
    files.map(async (file) => {
      const { code } = await transformFile(path.join(SOURCES, file), {
        swcrc: false,
        configFile: false,
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'es6' },
      })
      await writeFile(path.join(out, file.replace(/ts$/, 'js')), code)
    }),
  )
  return out
}

/** Runs such a server; `compiled` is the folder of compileMachines. */
export function runOtherServer(compiled: string, spoolDir: string): OtherServer {
  const program = `
    import { createLocalMachine } from ${JSON.stringify(path.join(compiled, 'local.js'))}
    import { createInterface } from 'node:readline'
    const machine = await createLocalMachine(${JSON.stringify({ spoolDir, defaultDirectory: '/', user: null })})
    for await (const line of createInterface({ input: process.stdin })) {
      console.log(JSON.stringify(await machine.start(JSON.parse(line))))
    }`
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH },
  })
  const answers = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  return {
    async start(attempt) {
      child.stdin?.write(`${JSON.stringify(attempt)}\n`)
      const [line] = (await once(answers, 'line')) as [string]
      return JSON.parse(line) as { kind: string }
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}
