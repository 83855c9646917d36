import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** Cuts connections at a moment that the client's bytes name. */
export interface Cut {
  /** What the client sends at that moment, within one write: `COMMIT\0` for PostgreSQL's. */
  readonly at: string
  /** `before`: the server never sees it. `after`: it does, and its answer is lost. `late`: so, but `lateMs` later. */
  readonly reaches: 'before' | 'after' | 'late'
  readonly lateMs?: number
  /** How many connections are cut; default 1. */
  readonly times?: number
  /** From then on there is no connection: all others break, new ones are refused, until `isRefusing` is false again. */
  readonly thenRefuses?: boolean
}

interface Link {
  readonly client: Socket
  readonly server: Socket
  /** Bytes let through in both directions. */
  bytes: number
  /** It is reset when it has carried that many. */
  limit: number
  /** When the line is free again for what is sent to the client, and to the server. */
  readonly freeAt: { client: number; server: number }
}

/**
 * A TCP proxy on 127.0.0.1 that makes the network as bad as a test wants it. What it is told applies to connections that
 * are there and to new ones, until it is told otherwise.
 *
 *   const proxy = await TcpProxy.open(url)
 *   const database = await openDatabase({ url: proxy.urlOf(url), ... })
 *   proxy.cut({ at: 'COMMIT\0', reaches: 'after' })
 */
export class TcpProxy {
  /** One way, on every chunk. */
  latencyMs = 0
  /** Of each direction. */
  bytesPerSecond = Number.POSITIVE_INFINITY
  /** Nothing gets through in either direction, and nobody is told. */
  isBlackHole = false
  /** A connection that has carried more bytes than this is reset. */
  cutAfterBytes = Number.POSITIVE_INFINITY
  /** New connections are reset at once. */
  isRefusing = false
  /** How many connections were cut or reset so far. */
  broken = 0
  /** How many connections there have been so far. */
  accepted = 0
  #isHeld = false
  readonly #links = new Set<Link>()
  /** Also those of links that are over, one side of which may hang on. */
  readonly #sockets = new Set<Socket>()
  #cuts: { cut: Cut; left: number }[] = []

  private constructor(
    private readonly server: Server,
    private readonly target: { readonly host: string; readonly port: number },
  ) {
    server.on('connection', (client) => this.#accept(client))
  }

  /** `target`: a URL with host and port. */
  static async open(target: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(target)
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new TcpProxy(server, { host: hostname, port: Number(port || 5432) })
  }

  get port(): number {
    return (this.server.address() as { port: number }).port
  }

  /** The same URL, through the proxy. */
  urlOf(url: string): string {
    const through = new URL(url)
    through.hostname = '127.0.0.1'
    through.port = String(this.port)
    return through.href
  }

  cut(cut: Cut): void {
    this.#cuts = this.#cuts.filter(({ left }) => left > 0)
    this.#cuts.push({ cut, left: cut.times ?? 1 })
  }

  /** Cuts that are still to come. */
  get pendingCuts(): number {
    return this.#cuts.reduce((sum, { left }) => sum + left, 0)
  }

  /** How many connections there are. */
  get connections(): number {
    return this.#links.size
  }

  /**
   * From now on nothing gets through, as in a black hole, but nothing is lost either: `release` lets it all go on, as a
   * network does that was away for a while. Whoever has given up meanwhile is heard late.
   */
  hold(): void {
    this.#isHeld = true
    for (const { client, server } of this.#links) for (const side of [client, server]) side.pause()
  }

  release(): void {
    this.#isHeld = false
    for (const { client, server } of this.#links) for (const side of [client, server]) side.resume()
  }

  /** Each connection that is there now is reset when it has carried that many bytes more. */
  cutAfter(bytes: number): void {
    for (const link of this.#links) link.limit = link.bytes + bytes
  }

  /** Resets every connection, on both sides. */
  reset(): void {
    for (const link of this.#links) this.#break(link)
  }

  /** The server hangs up; the client is not told: its connection is half open. */
  halfOpen(): void {
    for (const { server } of this.#links) {
      server.removeAllListeners('data')
      server.removeAllListeners('close')
      server.resetAndDestroy()
    }
  }

  async close(): Promise<void> {
    this.#cuts = []
    for (const socket of this.#sockets) socket.destroy()
    this.server.close()
    await once(this.server, 'close')
  }

  #accept(client: Socket): void {
    this.#keep(client)
    if (this.isRefusing) {
      client.resetAndDestroy()
      return
    }
    this.accepted += 1
    const server = connect({ ...this.target, allowHalfOpen: true, noDelay: true })
    client.setNoDelay(true)
    const link: Link = { client, server, bytes: 0, limit: Number.POSITIVE_INFINITY, freeAt: { client: 0, server: 0 } }
    this.#links.add(link)
    this.#keep(server)
    client.on('data', (chunk) => this.#fromClient(link, chunk))
    server.on('data', (chunk) => this.#pass(link, chunk, client))
    client.on('end', () => this.#after(() => (server.destroyed ? client.destroy() : server.end())))
    server.on('end', () => this.#after(() => client.end()))
    client.on('close', () => this.#closed(link, server))
    if (this.#isHeld) for (const side of [client, server]) side.pause()
    server.on('close', (hadError) => {
      if (hadError && !this.isBlackHole) client.resetAndDestroy()
      if (client.destroyed) this.#links.delete(link)
    })
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  #closed(link: Link, server: Socket): void {
    if (server.writableEnded || server.destroyed) this.#links.delete(link)
    else server.end(() => this.#links.delete(link))
  }

  #fromClient(link: Link, chunk: Buffer): void {
    const due = this.#cuts.find(({ cut, left }) => left > 0 && chunk.includes(cut.at))
    if (due === undefined) {
      this.#pass(link, chunk, link.server)
      return
    }
    due.left -= 1
    this.broken += 1
    const { reaches, lateMs = 100, thenRefuses = false } = due.cut
    if (thenRefuses) this.#refuse(link)
    link.server.removeAllListeners('data')
    link.server.resume()
    link.client.removeAllListeners('close')
    link.client.resetAndDestroy()
    if (reaches === 'before') link.server.resetAndDestroy()
    else if (reaches === 'after') link.server.end(chunk)
    else setTimeout(() => link.server.end(chunk), lateMs)
  }

  #refuse(cut: Link): void {
    this.isRefusing = true
    for (const link of this.#links) if (link !== cut) this.#break(link)
  }

  #pass(link: Link, chunk: Buffer, to: Socket): void {
    if (this.isBlackHole) return
    const left = Math.min(link.limit, this.cutAfterBytes) - link.bytes
    link.bytes += chunk.length
    if (chunk.length > left) {
      if (left > 0) to.write(chunk.subarray(0, left))
      this.#break(link)
      return
    }
    this.#after(
      () => {
        if (to.writable) to.write(chunk)
      },
      this.#queue(link, chunk.length, to === link.client ? 'client' : 'server'),
    )
  }

  /** How long these bytes wait for those before them, and then for themselves, on a line that is slow. */
  #queue(link: Link, bytes: number, to: 'client' | 'server'): number {
    if (this.bytesPerSecond === Number.POSITIVE_INFINITY) return 0
    const now = performance.now()
    link.freeAt[to] = Math.max(now, link.freeAt[to]) + (bytes / this.bytesPerSecond) * 1_000
    return link.freeAt[to] - now
  }

  #after(act: () => void, queuedMs = 0): void {
    if (this.isBlackHole) return
    const ms = this.latencyMs + queuedMs
    if (ms === 0) act()
    else setTimeout(act, ms)
  }

  #break(link: Link): void {
    this.broken += 1
    link.client.resetAndDestroy()
    link.server.resetAndDestroy()
    this.#links.delete(link)
  }
}
