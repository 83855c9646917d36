import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type GraphQLSchema, Kind, type OperationDefinitionNode, parse, print, validate } from 'graphql'
import { COST_LIMIT, checkCost, costOf } from '../../../src/api/operation/cost.js'
import { buildApiSchema } from '../../../src/api/schema.js'

let schema: GraphQLSchema
beforeAll(async () => {
  schema = await buildApiSchema()
})

const check = (query: string) => checkCost(schema, parse(query), undefined, {})

test.each([
  '{ instances(first: 1000) { nodes { output } } }',
  '{ instances(first: 1000) { nodes { input } } }',
  '{ runs(first: 100) { nodes { cache { value } } } }',
  '{ runs(first: 100) { nodes { cache { key } } } }',
  `{ runs(first: 100) { nodes { ${[...'abcde'].map((key) => `${key}: cacheEntry(key: "${key}") { value }`).join(' ')} } } }`,
  '{ runs(first: 100) { nodes { output instances(first: 100) { nodes { output } } } } }',
  '{ a: events(first: 1000) { nodes { id } } b: events(first: 1000) { nodes { id } } }',
  '{ runs(first: 100) { nodes { events(first: 1000) { nodes { id } } } } }',
  '{ instances(first: 1000) { nodes { log(maxBytes: 1000000) { endOffset } } } }',
  '{ instances(first: 1000) { nodes { log(lastBytes: 1000000) { endOffset } } } }',
  '{ node(id: "x") { ... on Dag { versions(first: 100) { nodes { source } } } } }',
])('what may load more than 500 MB is refused: %s', (query) => {
  expect(() => check(query)).toThrow('at most 50000')
})

test.each([
  '{ run(id: "x") { output parameters instances(first: 400) { nodes { taskKey status output attempts { number } } } } }',
  '{ run(id: "x") { cache { key type value } cacheEntry(key: "limit") { value } } }',
  '{ runs(first: 100) { nodes { id name status output dag { name } createdBy { username } } } }',
  '{ instance(id: "x") { input output log(maxBytes: 1048576) { endOffset } stackTrace } }',
  '{ events(first: 1000) { nodes { position type data actor { name } project { id } run { id } instance { id } } } }',
  '{ node(id: "x") { ... on Dag { versions { nodes { number source } } } } }',
])('what a dashboard asks for is not: %s', (query) => {
  expect(() => check(query)).not.toThrow()
})

const root = path.resolve(import.meta.dirname, '../../..')
const filesOf = (folder: string, end: string) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(end))
    .map((file) => path.join(root, folder, file))

/** The operations of the command line, their fragments put in. */
function commandLineOperations(): string[] {
  const source = filesOf('clients/cli/src', '.ts').map((file) => readFileSync(file, 'utf8'))
  const texts = source.flatMap((text) => [...text.matchAll(/const (\w+) = \/\* GraphQL \*\/ `([^`]*)`/g)])
  const named = new Map(texts.map(([, name = '', text = '']) => [name, text]))
  const whole = (text: string): string => text.replace(/\$\{(\w+)\}/g, (_, name) => whole(named.get(name) ?? ''))
  return texts.map(([, , text = '']) => whole(text)).filter((text) => !text.trim().startsWith('fragment'))
}

const INSTEAD: Readonly<Record<string, unknown>> = {
  Int: 1_000,
  Boolean: true,
  Position: '1',
  DateTime: '2026-01-01T00:00:00Z',
}

/** What an operation costs at its longest; inputs of mutations, which have no lists, are left out. */
function longest(text: string, definition: OperationDefinitionNode): number {
  const inputs = (definition.variableDefinitions ?? []).map(({ variable, type }) => {
    const isNeeded = type.kind === 'NonNullType'
    const name = print(isNeeded ? type.type : type)
    return [variable.name.value, isNeeded || name === 'Int' ? (INSTEAD[name] ?? 'x') : undefined] as const
  })
  return costOf(schema, parse(text), definition.name?.value, Object.fromEntries(inputs))
}

function readingsIn(text: string): OperationDefinitionNode[] {
  const operations = parse(text).definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION)
  return operations.filter(({ operation }) => operation !== 'mutation')
}

test('every query and subscription of the command line fits, at its longest', () => {
  const texts = commandLineOperations()
  expect(texts.length).toBeGreaterThan(50)
  for (const text of texts) {
    expect([text, validate(schema, parse(text))]).toEqual([text, []])
    for (const reading of readingsIn(text)) {
      const cost = longest(text, reading)
      expect([text, cost > 0 && cost <= COST_LIMIT, cost]).toEqual([text, true, cost])
    }
  }
})

test('every query of the guides fits', () => {
  const blocks = filesOf('docs', '.md').flatMap((file) => [
    ...readFileSync(file, 'utf8').matchAll(/```graphql\n(.*?)```/gs),
  ])
  const readings = blocks.flatMap(([, block = '']) => readingsIn(block))
  expect(readings.length).toBeGreaterThan(1)
  for (const reading of readings) {
    const cost = longest(print(reading), reading)
    expect([print(reading), cost > 0 && cost <= COST_LIMIT]).toEqual([print(reading), true])
  }
})
