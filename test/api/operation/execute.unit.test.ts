import 'reflect-metadata'
import { jest } from '@jest/globals'
import { buildSchema, getOperationAST, type OperationDefinitionNode, parse } from 'graphql'
import { type Context, createContext } from '../../../src/api/context.js'
import { DEADLINE_S, executeOperation } from '../../../src/api/operation/execute.js'
import { silentLogger } from '../../../src/platform/logger.js'

const schema = buildSchema('type Query { slow: Int } type Mutation { slow: Int }')

function contextOf(): Context {
  const services = { logger: silentLogger } as Context['services']
  const nobody = { viewer: null, isTokenRefused: false, ip: null, userAgent: null }
  return createContext({ services, requestId: 'request_1', ...nobody })
}

function run(query: string, context: Context) {
  const document = parse(query)
  const node = getOperationAST(document) as OperationDefinitionNode
  return executeOperation({ schema, document, node, variables: {} }, context)
}

beforeEach(() => {
  jest.useFakeTimers()
  const never = () => new Promise<never>(() => undefined)
  for (const type of [schema.getQueryType(), schema.getMutationType()]) type!.getFields().slow!.resolve = never
})
afterEach(() => jest.useRealTimers())

test.each(['query', 'mutation'] as const)(
  'a %s that does not end is cut at its deadline, and told to stop',
  async (kind) => {
    const context = contextOf()
    const answer = run(`${kind} { slow }`, context)
    jest.advanceTimersByTime(DEADLINE_S[kind] * 1_000 - 1)
    expect(context.signal.aborted).toBe(false)
    jest.advanceTimersByTime(1)
    expect(await answer).toMatchObject({ data: null, errors: [{ extensions: { code: 'TIMEOUT' } }] })
    expect(context.signal.aborted).toBe(true)
    expect(jest.getTimerCount()).toBe(0)
  },
)

test('an answer in time leaves no timer behind', async () => {
  schema.getQueryType()!.getFields().slow!.resolve = () => 1
  expect(await run('{ slow }', contextOf())).toEqual({ data: { slow: 1 } })
  expect(jest.getTimerCount()).toBe(0)
})
