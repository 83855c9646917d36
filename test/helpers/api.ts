import { Access } from '../../src/access/access.js'
import { TaskTokens } from '../../src/access/task-token.js'
import { type Api, createApi } from '../../src/api/create-api.js'
import type { Services } from '../../src/api/services.js'
import { CacheCalls } from '../../src/cache/cache-calls.js'
import { PostgresCache } from '../../src/cache/postgres-cache.js'
import { CommandBus } from '../../src/commands/command-bus.js'
import { ensureAdministrator } from '../../src/commands/ensure-administrator.js'
import { Plans } from '../../src/commands/plans.js'
import { Streams } from '../../src/commands/streams.js'
import { evaluate } from '../../src/definitions/evaluate.js'
import { Tail } from '../../src/history/tail.js'
import { type Clock, systemClock } from '../../src/platform/clock.js'
import { APPLICATION_ROLE, type DatabaseOptions, openDatabase } from '../../src/platform/database.js'
import { createEncryption } from '../../src/platform/encryption.js'
import { Hints } from '../../src/platform/hints.js'
import { type Logger, silentLogger } from '../../src/platform/logger.js'
import { createTestDatabase, type TestDatabase } from './database.js'
import { secretKey } from './secret-key.js'

export const ADMIN_PASSWORD = 'correct horse battery'

/** What a GraphQL request answered. */
export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever they asked for
  readonly data: any
  readonly errors: readonly { message: string; path?: string[]; extensions: { code: string; requestId?: string } }[]
  readonly extensions: { readonly position?: string }
}

/** The API over a database of its own, wired as main does, without a dispatcher. */
export interface TestApi {
  readonly api: Api
  readonly services: Services
  readonly db: TestDatabase
  /** Sends one request without a socket. */
  ask(query: string, options?: AskOptions): Promise<Answer>
  /** An access token of that user. */
  tokenOf(username: string, password?: string): Promise<string>
  /** Makes a user, by the administrator; answers its id and a token. */
  makeUser(username: string, input?: object): Promise<{ id: string; token: string }>
  close(): Promise<void>
}

export interface AskOptions {
  readonly token?: string
  readonly variables?: object
  readonly headers?: Record<string, string>
}

export interface TestApiOptions {
  readonly clock?: Clock
  readonly logger?: Logger
  readonly database?: Partial<DatabaseOptions>
  /** Default: none. */
  readonly trustProxy?: Services['trustProxy']
  /** Whose database it is, which stays when this one goes; default: one of its own. */
  readonly beside?: Pick<TestApi, 'db'>
  /** Is told of each request that was answered. */
  readonly onAnswer?: (query: string, variables: object, answer: Answer) => void
}

export async function openTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const { clock = systemClock, logger = silentLogger, beside, onAnswer, trustProxy = [] } = options
  const db = beside?.db ?? (await createTestDatabase(options.database))
  const { database } = db
  const role = APPLICATION_ROLE
  const writes = await openDatabase({ url: db.url, role, applicationName: 'test-commands', isPipelined: true })
  const tail = new Tail(database, logger)
  await tail.runOnce()
  tail.start(new AbortController().signal)
  const plans = new Plans()
  const group = {
    database: writes,
    streams: new Streams(plans),
    clock,
    random: Math.random,
    evaluate,
  }
  const bus = new CommandBus(group, (head) => tail.nudge(head))
  const access = new Access({ database, clock, secretKey })
  const encryption = createEncryption(secretKey)
  const common = { database, bus, clock, logger, tail, plans, access, encryption }
  const taskTokens = new TaskTokens(secretKey.deriveKey('task-token'))
  const caches = { taskTokens, cache: new PostgresCache(database), cacheCalls: new CacheCalls(database) }
  const services: Services = {
    ...common,
    ...caches,
    outputHints: new Hints(),
    version: '0.0.0-test',
    allowedOrigins: [],
    trustProxy,
  }
  await ensureAdministrator(services, ADMIN_PASSWORD)
  const api = await createApi(services)
  await api.app.ready()
  const ask = async (query: string, how: AskOptions = {}) => {
    const answer = await askApi(api, query, how)
    onAnswer?.(query, how.variables ?? {}, answer)
    return answer
  }
  const tokenOf = async (username: string, password = ADMIN_PASSWORD): Promise<string> => {
    const query = 'mutation ($i: SignInInput!) { signIn(input: $i) { accessToken } }'
    const answer = await ask(query, { variables: { i: { username, password } } })
    return answer.data.signIn.accessToken
  }
  return {
    api,
    services,
    db,
    ask,
    tokenOf,
    async makeUser(username, input = {}) {
      const query = 'mutation ($i: CreateUserInput!) { createUser(input: $i) { user { id } userErrors { message } } }'
      const i = { username, password: ADMIN_PASSWORD, ...input }
      const { data } = await ask(query, { variables: { i }, token: await tokenOf('admin') })
      return { id: data.createUser.user.id, token: await tokenOf(username) }
    },
    async close() {
      await api.close()
      await bus.drained()
      await tail.stop()
      await writes.close()
      if (beside === undefined) await db.drop()
    },
  }
}

async function askApi(api: Api, query: string, { token, variables, headers }: AskOptions): Promise<Answer> {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await api.app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { 'content-type': 'application/json', ...authorization, ...headers },
    payload: JSON.stringify({ query, variables }),
  })
  const { data = null, errors = [], extensions = {} } = response.json() as Partial<Answer>
  return { status: response.statusCode, data, errors, extensions }
}
