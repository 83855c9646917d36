import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { buildSchema, GraphQLError, graphql, validate } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { FakeAccess } from './fake-access.js'
import { FakeCapacity } from './fake-capacity.js'
import { FakeDefinitions } from './fake-definitions.js'
import { FakeJournal } from './fake-journal.js'
import { FakeMachines } from './fake-machines.js'
import { FakePeople } from './fake-people.js'
import { FakeStreams } from './fake-streams.js'
import { FakeWork } from './fake-work.js'

const SCHEMA = buildSchema(readFileSync(new URL('../fixtures/contract.graphql', import.meta.url), 'utf8'))

interface Named {
  readonly operationName?: string
}

const MISUNDERSTOOD = { code: 'GRAPHQL_VALIDATION_FAILED' }

function misunderstood({ message }: GraphQLError): GraphQLError {
  return new GraphQLError(message, { extensions: MISUNDERSTOOD })
}

function named(operationName: string | undefined): Named {
  return operationName === undefined ? {} : { operationName }
}

/** One request as it came over HTTP. */
export interface SeenRequest {
  readonly query: string
  readonly variables: Record<string, unknown>
  readonly headers: IncomingMessage['headers']
}

/**
 * A small server that speaks the contract, with everything in memory: what a test appends is what clients see. It can cut
 * its sockets, refuse new ones and go away.
 */
export class FakeServer {
  readonly journal = new FakeJournal()
  readonly access = new FakeAccess()
  readonly work = new FakeWork(this.journal)
  readonly streams = new FakeStreams(this.journal, this.work)
  readonly definitions = new FakeDefinitions(this.journal)
  readonly machines = new FakeMachines()
  readonly capacity = new FakeCapacity()
  readonly people = new FakePeople()
  readonly requests: SeenRequest[] = []
  readonly subscriptions: Record<string, unknown>[] = []
  refusesSockets = false
  private readonly sockets = new Set<WebSocket>()
  private readonly http: Server = createServer((request, response) => void this.answer(request, response))
  private readonly wss = new WebSocketServer({ noServer: true })

  async start(port = 0): Promise<string> {
    this.http.on('upgrade', (request, socket, head) => {
      if (this.refusesSockets) return socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
      this.wss.handleUpgrade(request, socket, head, (ws) => this.wss.emit('connection', ws, request))
    })
    this.wss.on('connection', (socket) => {
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
    })
    useServer(
      {
        schema: SCHEMA,
        validate: (...args) => validate(...args).map((error) => misunderstood(error)),
        roots: { subscription: this.streams.root() },
        onConnect: ({ connectionParams }) => this.access.accepts(String(connectionParams?.authorization)),
        onSubscribe: (_context, _id, { variables }) => void this.subscriptions.push(variables ?? {}),
      },
      this.wss,
    )
    await new Promise<void>((resolve) => this.http.listen(port, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`
  }

  /** Drops every WebSocket without a goodbye; answers with how many there were. */
  cutSockets(): number {
    const count = this.sockets.size
    for (const socket of this.sockets) socket.terminate()
    return count
  }

  async stop(): Promise<void> {
    this.cutSockets()
    this.wss.close()
    this.http.closeAllConnections()
    await new Promise((resolve) => this.http.close(resolve))
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { query, variables, operationName } = JSON.parse(await text(request)) as SeenRequest & Named
    this.requests.push({ query, variables, headers: request.headers })
    const position = this.journal.head
    const isOpen = query.includes('signIn') || query.includes('refreshSession')
    const result =
      isOpen || this.access.accepts(request.headers.authorization)
        ? await graphql({
            ...named(operationName),
            schema: SCHEMA,
            source: query,
            variableValues: variables,
            rootValue: this.root(),
          })
        : { errors: [{ message: 'Not signed in', extensions: { code: 'UNAUTHENTICATED' } }] }
    const errors = result.errors?.map((error) => ({
      ...(error as GraphQLError),
      message: error.message,
      extensions:
        (error as GraphQLError).path === undefined ? { ...MISUNDERSTOOD, ...error.extensions } : error.extensions,
    }))
    response.setHeader('content-type', 'application/graphql-response+json')
    response.end(JSON.stringify({ ...result, ...(errors ? { errors } : {}), extensions: { position } }))
  }

  private root(): Record<string, unknown> {
    const people = this.people.root()
    return {
      ...this.access.root(),
      ...this.work.root(),
      ...this.definitions.root(),
      ...this.machines.root(),
      ...this.capacity.root(),
      ...people,
    }
  }
}
