import { type AgentOptions, openAgent } from './agent-command.js'
import { ContactError } from './contact-error.js'
import { MachineError } from './machine.js'
import type { Channel } from './transport.js'

export interface AgentConnectionOptions extends AgentOptions {
  /** An answer that takes longer is given up (LOST) and the agent replaced. Default 30 s. */
  readonly requestTimeoutMs?: number | undefined
}

interface Pending {
  readonly resolve: (answer: string) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

interface Session {
  readonly channel: Channel
  readonly pending: Map<string, Pending>
  /** Why it is over. */
  ended: string | null
}

/**
 * Questions and answers with an agent that is opened when it is first needed, and again after it died. Every request
 * means the same when it is asked twice, so one that got no answer because its agent died is asked once more.
 */
export class AgentConnection {
  private session: Promise<Session> | null = null
  private nextId = 1
  private isClosed = false

  constructor(private readonly options: AgentConnectionOptions) {}

  /**
   * What follows `OK ` in the answer. `payload` is sent after the line, as it is. `extraMs` is added to the deadline.
   * Throws ContactError, or AgentRefusal when the agent answered ERR.
   */
  async request(words: string, payload?: Buffer, extraMs = 0): Promise<string> {
    const answer = await this.ask(words, payload, extraMs).catch((error: unknown) => {
      if (!(error instanceof AgentDied) || this.isClosed) throw error
      return this.ask(words, payload, extraMs).catch((again: unknown) => {
        throw again instanceof ContactError ? new AgentDied(again.message, again) : again
      })
    })
    if (answer === 'OK' || answer.startsWith('OK ')) return answer.slice(3)
    const [, code = '', text = ''] = /^ERR (\S+) ?(.*)$/s.exec(answer) ?? []
    if (code === '') throw new MachineError('PROTOCOL', `The agent's answer is not understood: ${answer}`, false)
    throw new AgentRefusal(code, text)
  }

  async close(): Promise<void> {
    this.isClosed = true
    const session = await this.session?.catch(() => null)
    session?.channel.close()
    await session?.channel.closed
  }

  private async ask(words: string, payload: Buffer | undefined, extraMs: number): Promise<string> {
    if (this.isClosed) throw new ContactError('CONNECT', 'The machine is closed')
    this.session ??= this.open()
    const session = await this.session
    if (session.ended !== null) throw new AgentDied(session.ended)
    const id = String(this.nextId++)
    const limitMs = (this.options.requestTimeoutMs ?? 30_000) + extraMs
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.giveUp(session, id, words, limitMs), limitMs)
      session.pending.set(id, { resolve, reject, timer })
      session.channel.input.write(`${id} ${words}\n`)
      if (payload !== undefined) session.channel.input.write(payload)
    })
  }

  /** One that fails is not kept: the next request tries anew. */
  private open(): Promise<Session> {
    const opening = this.greet()
    opening.catch(() => {
      if (this.session === opening) this.session = null
    })
    return opening
  }

  private async greet(): Promise<Session> {
    const pending = new Map<string, Pending>()
    const channel = await openAgent(this.options, (line) => answer(pending, line))
    const session: Session = { channel, pending, ended: null }
    void channel.closed.then(({ reason }) => this.end(session, reason))
    return session
  }

  private giveUp(session: Session, id: string, words: string, limitMs: number): void {
    const verb = words.slice(0, words.indexOf(' '))
    settle(session.pending, id)?.reject(
      new ContactError('LOST', `The agent did not answer ${verb} within ${limitMs} ms`),
    )
    session.channel.close()
  }

  private end(session: Session, reason: string): void {
    this.session = null
    session.ended = reason
    for (const id of [...session.pending.keys()]) settle(session.pending, id)?.reject(new AgentDied(reason))
  }
}

/** The agent answered ERR; `agent-machine.ts` knows what that means for the attempt. */
export class AgentRefusal extends Error {
  override readonly name = 'AgentRefusal'
  constructor(
    readonly code: string,
    readonly text: string,
  ) {
    super(`The agent refused: ${code} ${text}`)
  }
}

class AgentDied extends ContactError {
  constructor(reason: string, cause?: unknown) {
    super('LOST', `The connection to the agent was lost: ${reason}`, { cause })
  }
}

function answer(waiting: Map<string, Pending>, line: string): void {
  const space = line.indexOf(' ')
  settle(waiting, line.slice(0, space))?.resolve(line.slice(space + 1))
}

function settle(waiting: Map<string, Pending>, id: string): Pending | undefined {
  const pending = waiting.get(id)
  waiting.delete(id)
  clearTimeout(pending?.timer)
  return pending
}
