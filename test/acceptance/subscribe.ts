import { type Client, createClient } from 'graphql-ws'
import WebSocket from 'ws'
import type { Session } from './session.js'

interface Result {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly unknown[]
}

/** One subscription on a connection of its own. */
export class Feed<Item> implements AsyncIterable<Item> {
  private readonly items: AsyncIterableIterator<Result>
  private isCut = false

  private constructor(
    private readonly client: Client,
    private readonly sockets: readonly WebSocket[],
    query: string,
    variables: Record<string, unknown>,
  ) {
    this.items = client.iterate({ query, variables }) as AsyncIterableIterator<Result>
  }

  static async open<Item>(
    session: Session,
    query: string,
    variables: Record<string, unknown> = {},
  ): Promise<Feed<Item>> {
    const sockets: WebSocket[] = []
    class Remembered extends WebSocket {
      constructor(url: string, protocols?: string | string[]) {
        super(url, protocols)
        sockets.push(this)
      }
    }
    const client = createClient({
      url: `${session.url.replace('http', 'ws')}/graphql`,
      connectionParams: { authorization: `Bearer ${await session.token()}` },
      webSocketImpl: Remembered,
      retryAttempts: 0,
    })
    return new Feed(client, sockets, query, variables)
  }

  /** Cuts the line without a word, as a lost network does. What was not yet taken is lost; the iteration ends. */
  cut(): void {
    this.isCut = true
    for (const socket of this.sockets) socket.terminate()
  }

  /** Takes leave. */
  async close(): Promise<void> {
    await this.items.return?.()
    await this.client.dispose()
  }

  /** The root field's values, until the server completes, the line is cut or the loop is left. */
  async *[Symbol.asyncIterator](): AsyncIterator<Item> {
    try {
      for await (const { data, errors } of this.items) {
        if (errors !== undefined) throw new Error(JSON.stringify(errors))
        yield Object.values(data ?? {})[0] as Item
      }
    } catch (error) {
      if (!this.isCut) throw error
    } finally {
      await this.close()
    }
  }
}
