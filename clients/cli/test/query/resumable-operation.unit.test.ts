import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildSchema, parse, validate } from 'graphql'
import { parseOperation } from '../../src/query/operation.js'
import { POSITIONED, resumableOperation } from '../../src/query/resumable-operation.js'

const emitted = fileURLToPath(new URL('../../../../schema/schema.graphql', import.meta.url))
const cut = fileURLToPath(new URL('../fixtures/contract.graphql', import.meta.url))
const schema = buildSchema(readFileSync(existsSync(emitted) ? emitted : cut, 'utf8'))

const resumable = async (text: string, variables: Record<string, unknown> = {}) =>
  resumableOperation(await parseOperation(text, undefined), variables)

test('every subscription that goes on after a position is known, and its items have one', () => {
  const fields = Object.values(schema.getSubscriptionType()?.getFields() ?? {})
  const positioned = fields.filter((field) => field.args.some(({ name }) => name === 'after')).map(({ name }) => name)
  expect(positioned.filter((name) => !POSITIONED.has(name))).toEqual([])
  expect(positioned).toContain('events')
})

test.each([
  ['subscription { events { type } }', {}, null],
  ['subscription S($t: [String!]) { e: events(filter: { types: $t }, after: "5") { type } }', {}, '5'],
  ['subscription ($p: Position) { events(after: $p) { ...F } } fragment F on Event { type }', { p: '7' }, '7'],
  ['subscription ($p: Position) { events(after: $p) { type } }', {}, null],
])('%s becomes one that can go on', async (text, variables, after) => {
  const found = await resumable(text, variables)
  expect(found?.after).toBe(after)
  expect(validate(schema, parse(found?.stream.document ?? ''))).toEqual([])
  expect(Object.values(found?.stream.variables('9') ?? {})).toContain('9')
})

test.each([
  'subscription { instanceLog(instanceId: "i") { text } }',
  'subscription { ...F } fragment F on Subscription { events { type } }',
  'subscription { events(after: "soon") { type } }',
])('%s cannot go on', async (text) => {
  expect(await resumable(text)).toBeUndefined()
})
