import { once } from 'node:events'
import { WebSocket } from 'ws'

/** A message of graphql-transport-ws. */
export interface Message {
  type: string
  id?: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever they asked for
  payload?: any
}

/** One socket that speaks the protocol by hand. */
export class Line {
  readonly #got: Message[] = []
  #wake: () => void = () => undefined
  readonly closed: Promise<number>
  /** Why it was closed, once it was. */
  reason = ''

  constructor(readonly socket: WebSocket) {
    this.closed = new Promise((resolve) => {
      socket.once('close', (code: number, reason: Buffer) => {
        this.reason = String(reason)
        resolve(code)
      })
    })
    socket.on('error', () => undefined)
    socket.on('message', (data) => {
      this.#got.push(JSON.parse(String(data)))
      this.#wake()
    })
  }

  static async open(url: string, options: object = {}): Promise<Line> {
    const line = new Line(new WebSocket(url, 'graphql-transport-ws', options))
    await once(line.socket, 'open')
    return line
  }

  /** Open and acknowledged. */
  static async signedIn(url: string, token: string, options: object = {}): Promise<Line> {
    const line = await Line.open(url, options)
    line.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })
    expect(await line.next()).toMatchObject({ type: 'connection_ack' })
    return line
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message))
  }

  async next(): Promise<Message> {
    while (this.#got.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.#got.shift() as Message
  }

  async close(): Promise<void> {
    this.socket.close()
    await this.closed
  }
}
