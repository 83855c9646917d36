import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { ContactError } from './contact-error.js'
import type { Channel, Ending, Transport } from './transport.js'

/**
 * Channels to this host: a child process each, in a clean environment with the given PATH. Ending one ends the agent
 * only; runners have sessions of their own.
 */
export function createLocalTransport(options: { readonly path: string; readonly home: string }): Transport {
  const children = new Set<ChildProcessWithoutNullStreams>()
  let isClosed = false
  return {
    async open(command) {
      if (isClosed) throw new ContactError('CONNECT', 'The machine is closed')
      const child = spawn('sh', ['-c', `exec ${command}`], {
        cwd: '/',
        env: { PATH: options.path, HOME: options.home, LC_ALL: 'C' },
        stdio: 'pipe',
        // A Ctrl-C in the server's terminal must not reach the agent: the server may need it to drain.
        detached: true,
      })
      await started(child)
      children.add(child)
      child.once('close', () => children.delete(child))
      return channelOf(child)
    },
    async close() {
      isClosed = true
      await Promise.all([...children].map(end))
    },
  }
}

function started(child: ChildProcessWithoutNullStreams): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (cause) =>
      reject(new ContactError('CONNECT', `No agent could be started: ${cause.message}`, { cause })),
    )
  })
}

function channelOf(child: ChildProcessWithoutNullStreams): Channel {
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-500)
  })
  // EPIPE: the agent died. `closed` tells.
  child.stdin.on('error', () => {})
  child.stdout.on('error', () => {})
  const closed = new Promise<Ending>((resolve) => {
    // Not 'close': a runner that was just started still holds the agent's stdout for a moment, and must not be heard
    // any more beside the next agent.
    child.once('exit', (code, signal) => {
      child.stdin.destroy()
      child.stdout.destroy()
      child.stderr.destroy()
      const said = complaint.trim()
      resolve({ reason: `its agent ended (${signal ?? code}) ${said}`.trim(), exitCode: code, complaint: said })
    })
  })
  return { input: child.stdin, output: child.stdout, closed, close: () => void end(child) }
}

function end(child: ChildProcessWithoutNullStreams): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.stdin.destroy()
    child.kill('SIGTERM')
  })
}
