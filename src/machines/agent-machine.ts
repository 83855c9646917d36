import { randomUUID } from 'node:crypto'
import { AgentConnection, type AgentConnectionOptions } from './agent-connection.js'
import { type CommandSettings, type CommandSpec, commandSpec } from './command-spec.js'
import { parseExitLine } from './exit-line.js'
import { ExitListener } from './exit-listener.js'
import { askHostFacts, type HostFacts } from './host-facts.js'
import { parseHostReport } from './host-report.js'
import {
  type AttemptRef,
  type AttemptReport,
  type AttemptSample,
  type AttemptSpec,
  type HostReport,
  type Machine,
  MachineError,
  type OutputStream,
  type StartAnswer,
  type StreamSizes,
} from './machine.js'
import { toMachineError } from './refusal.js'
import { shellQuote } from './shell-quote.js'
import { createAgentFiles, folderOf, type SpoolFiles } from './spool-files.js'

export interface AgentMachineOptions extends AgentConnectionOptions {
  /** Who commands run as; null: the agent's user. Needs an agent that runs as root. */
  readonly user: string | null
  /** Absolute, or null: the home of the one who runs the commands. */
  readonly defaultDirectory: string | null
  /** Between two samples of an attempt; default null: none are taken. */
  readonly sampleSeconds?: number | null | undefined
  /** PATH and LANG of commands that bring none. */
  readonly path: string
  readonly lang: string
  /** How the files of attempts are read; default through the agent, on a channel of its own. */
  readonly files?: (facts: HostFacts) => SpoolFiles
}

/** Text up to this size is part of the request's line; more goes as a payload of its own. sh reads lines at 5 MB/s. */
const MAX_LINE_BYTES = 16_384

const WHOLE_SPOOL_MS = 600_000

interface Host {
  readonly settings: CommandSettings
  readonly files: SpoolFiles
  readonly exits: ExitListener
}

/**
 * A machine behind an agent, over any transport: one channel for control, one for events, one for reading files. The
 * host is asked who it is when it is first needed.
 */
export class AgentMachine implements Machine {
  private readonly control: AgentConnection
  private readonly data: AgentConnection
  private readonly listeners = new Set<(attempt: AttemptRef) => void>()
  /** Attempts that ran when we last heard of them; called back after the event channel was away. */
  private readonly running = new Map<string, AttemptRef>()
  /** By folder. */
  private readonly samplings = new Map<string, (sample: AttemptSample) => void>()
  private host: Promise<Host> | null = null

  constructor(private readonly options: AgentMachineOptions) {
    this.control = new AgentConnection(options)
    this.data = new AgentConnection(options)
  }

  async start(attempt: AttemptSpec): Promise<StartAnswer> {
    const { settings, files } = await this.reach()
    const spec = await this.deliver(attempt, settings)
    await files.prepare(attempt)
    const { uid, gid } = settings.facts.account
    const owner = this.options.user === null ? '-' : `${uid}:${gid}`
    const timeout = attempt.timeoutMs === null ? '-' : (attempt.timeoutMs / 1000).toFixed(3)
    const words = `START ${folderOf(attempt)} ${hundredths(attempt.graceMs)} ${timeout} ${owner} ${spec.text}; ${spec.hidden}`
    this.running.set(folderOf(attempt), refOf(attempt))
    try {
      return startAnswer(await this.control.request(words))
    } catch (error) {
      throw toMachineError(error, attempt, { directory: spec.directory, program: attempt.argv[0] ?? '' })
    }
  }

  async probe(attempt: AttemptRef): Promise<AttemptReport> {
    const { files } = await this.reach()
    const reply = await this.ask(attempt, `PROBE ${folderOf(attempt)}`)
    const space = reply.indexOf(' ')
    const [kind, rest] = space === -1 ? [reply, ''] : [reply.slice(0, space), reply.slice(space + 1)]
    if (kind === 'RUNNING') {
      this.running.set(folderOf(attempt), refOf(attempt))
      return { kind, pid: Number(rest) }
    }
    this.running.delete(folderOf(attempt))
    if (kind === 'ABSENT') return { kind }
    if (kind === 'LOST') return { kind, reason: `Attempt ${attempt.instanceId} ${attempt.fence} is lost: ${rest}` }
    const exit = kind === 'EXITED' ? parseExitLine(rest) : null
    if (exit === null) throw new MachineError('PROTOCOL', `The agent's report is not understood: ${reply}`, false)
    const { STDOUT, STDERR } = await files.sizes(attempt)
    return { kind: 'EXITED', exit: { ...exit, stdoutBytes: STDOUT, stderrBytes: STDERR } }
  }

  onExit(listener: (attempt: AttemptRef) => void): () => void {
    this.listeners.add(listener)
    // Whoever listens wants to hear of attempts that others started, too; if the host is away, the next request says so.
    this.reach().catch(() => {})
    return () => void this.listeners.delete(listener)
  }

  /** One listener an attempt: whoever comes later takes the place of who was there. */
  onSample(attempt: AttemptRef, listener: (sample: AttemptSample) => void): () => void {
    const folder = folderOf(attempt)
    this.samplings.set(folder, listener)
    return () => {
      if (this.samplings.get(folder) === listener) this.samplings.delete(folder)
    }
  }

  async outputSizes(attempt: AttemptRef): Promise<StreamSizes> {
    const { files } = await this.reach()
    return files.sizesTogether(attempt)
  }

  async read(attempt: AttemptRef, stream: OutputStream, offset: number, maxBytes: number): Promise<Buffer> {
    const { files } = await this.reach()
    return files.read(attempt, stream === 'STDOUT' ? 'stdout' : 'stderr', offset, maxBytes)
  }

  async readOutput(attempt: AttemptRef, maxBytes: number): Promise<Buffer | null> {
    const { files } = await this.reach()
    const output = await files.readOutput(attempt, maxBytes + 1)
    return output.length === 0 ? null : output
  }

  async readReport(attempt: AttemptRef, offset: number, maxBytes: number): Promise<Buffer> {
    const { files } = await this.reach()
    return files.readReport(attempt, offset, maxBytes)
  }

  async stop(attempt: AttemptRef, graceMs: number): Promise<void> {
    await this.reach()
    await this.ask(attempt, `STOP ${folderOf(attempt)} ${hundredths(graceMs)}`, graceMs + 30_000)
  }

  async forget(attempt: AttemptRef): Promise<void> {
    await this.reach()
    await this.ask(attempt, `FORGET ${folderOf(attempt)}`)
    this.running.delete(folderOf(attempt))
  }

  async unforgotten(olderThanMs: number): Promise<AttemptRef[]> {
    const reply = await this.askApart(`LEFT ${minutes(olderThanMs)}`)
    return reply.split(' ').flatMap((folder) => {
      const [instanceId = '', fence = ''] = folder.split('/')
      return /^\d{1,15}$/.test(fence) ? [{ instanceId, fence: Number(fence) }] : []
    })
  }

  async prune(olderThanMs: number): Promise<void> {
    await this.askApart(`PRUNE ${minutes(olderThanMs)}`)
  }

  async spoolBytes(): Promise<number> {
    const reply = await this.askApart('SIZE -')
    if (!/^\d+$/.test(reply)) {
      throw new MachineError('PROTOCOL', `The agent does not know how large its spool is: ${reply}`, false)
    }
    return Number(reply) * 1024
  }

  async inspect(): Promise<HostReport> {
    await this.reach()
    return parseHostReport(await this.control.request('INSPECT -'))
  }

  async close(): Promise<void> {
    const connections = [this.control.close(), this.data.close()]
    // Before anything is waited for: a host that is being connected to may take its time to be none.
    await this.options.transport.close()
    const host = await this.host?.catch(() => null)
    await Promise.all([host?.exits.close(), ...connections])
  }

  private async ask(attempt: AttemptRef, words: string, extraMs = 0): Promise<string> {
    try {
      return await this.control.request(words, undefined, extraMs)
    } catch (error) {
      throw toMachineError(error, attempt, {})
    }
  }

  /** Asks an agent of its own: a look at the whole spool may take minutes, in which nothing else must have to wait. */
  private async askApart(words: string): Promise<string> {
    await this.reach()
    const agent = new AgentConnection(this.options)
    try {
      return await agent.request(words, undefined, WHOLE_SPOOL_MS)
    } finally {
      await agent.close()
    }
  }

  private reach(): Promise<Host> {
    this.host ??= this.greet().catch((error: unknown) => {
      this.host = null
      throw error
    })
    return this.host
  }

  private async greet(): Promise<Host> {
    const facts = await askHostFacts(this.control, this.options.user)
    const { path, lang, defaultDirectory } = this.options
    const settings = { facts, defaultDirectory: defaultDirectory ?? facts.account.home, path, lang }
    const files = this.options.files?.(facts) ?? createAgentFiles(this.data)
    const options = { ...this.options, sampleSeconds: this.options.sampleSeconds ?? null }
    const exits = new ExitListener(options, facts.eventLines + 1, {
      onExit: (attempt) => this.tell(attempt),
      onSample: (sample) => this.samplings.get(`${sample.instanceId}/${sample.fence}`)?.(sample),
      onReopen: () => {
        for (const attempt of [...this.running.values()]) this.tell(attempt)
      },
    })
    await exits.start()
    return { settings, files, exits }
  }

  private tell(attempt: AttemptRef): void {
    for (const listener of [...this.listeners]) listener(attempt)
  }

  /** Brings to the host what is too long for a line; the runner fetches it from there. */
  private async deliver(attempt: AttemptSpec, settings: CommandSettings): Promise<CommandSpec> {
    const isInputLong = Buffer.byteLength(attempt.input) > MAX_LINE_BYTES
    const inputFile = isInputLong ? await this.put(attempt, Buffer.from(attempt.input), settings) : null
    const spec = commandSpec(attempt, settings, inputFile)
    if (Buffer.byteLength(spec.text) <= 2 * MAX_LINE_BYTES + 4096) return spec
    const file = await this.put(attempt, Buffer.from(spec.text), settings)
    return { ...spec, text: `. ${shellQuote(file)}; rm -f ${shellQuote(file)}` }
  }

  private async put(attempt: AttemptRef, bytes: Buffer, settings: CommandSettings): Promise<string> {
    const name = randomUUID()
    try {
      await this.control.request(`PUT ${name} ${bytes.length}`, bytes, bytes.length / 100)
    } catch (error) {
      throw toMachineError(error, attempt, {})
    }
    return `${settings.facts.spool}/.incoming/${name}`
  }
}

function startAnswer(reply: string): StartAnswer {
  const [kind, first, second] = reply.split(' ')
  switch (kind) {
    case 'STARTED':
      return { kind, pid: Number(first) }
    case 'EXISTS':
      return { kind }
    case 'FENCED':
      return { kind, fence: Number(first) }
    case 'EARLIER_ALIVE':
      return { kind, fence: Number(first), pid: Number(second) }
    default:
      throw new MachineError('PROTOCOL', `The agent's answer to START is not understood: ${reply}`, false)
  }
}

function refOf(attempt: AttemptRef): AttemptRef {
  return { instanceId: attempt.instanceId, fence: attempt.fence }
}

/** Hundredths of seconds, the unit of the host's uptime. */
function hundredths(ms: number): number {
  return Math.ceil(ms / 10)
}

/** The unit in which `find` knows ages; never less than asked. */
function minutes(ms: number): number {
  return Math.ceil(ms / 60_000)
}
