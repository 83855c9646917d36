import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { OF_PROJECT } from './rights.js'
import { type Scene, sourceOf, TEMPLATE } from './scene.js'

/** As many of a page as any may have. */
export const PAGE = 100

/** Of what type the id is where the argument's name does not say it. */
const ALIASES: Readonly<Record<string, string>> = {
  parentRunId: 'Run',
  createdById: 'User',
  actorId: 'User',
  streamId: 'Run',
  entityId: 'Project',
}

const PLAIN: Readonly<Record<string, unknown>> = {
  ...{ String: 'x', Int: 1, Boolean: true, Float: 1, DateTime: '2999-01-01T00:00:00Z' },
  ...{ JSONObject: {}, JSON: {}, Position: '0' },
}

/** What leads to the scene; what leads nowhere is filled with something of its type. Throws for an id of no type. */
function argumentFor(arg: GraphQLArgument | GraphQLInputField, field: GraphQLField<unknown, unknown>, scene: Scene) {
  const { name } = arg
  const type = getNamedType(arg.type)
  const answered = getNamedType(field.type).name
  const known: Record<string, unknown> = {
    // It is looked at when everything else has been allowed, and refused: nothing is done by asking.
    ...{ idempotencyKey: '', source: sourceOf(scene.name), from: '2000-01-01T00:00:00Z' },
    ...{ project: scene.name, username: scene.ownerName, after: '0', first: PAGE },
  }
  if (name in known) return known[name]
  const named: Record<string, string> = { Dag: scene.name, Sla: scene.name, Project: scene.name, Template: TEMPLATE }
  if (name === 'name') return named[answered] ?? (answered === 'Machine' ? 'local' : 'default')
  if (type.name === 'ID') {
    const noun = name.replace(/Ids?$/, '')
    const ofType = /^ids?$/.test(name) ? answered : (ALIASES[name] ?? `${noun[0]?.toUpperCase()}${noun.slice(1)}`)
    const id = scene.ids[ofType] ?? (ofType === 'Node' ? scene.ids.Run : undefined)
    if (id === undefined) throw new Error(`The scene has no id for ${field.name}(${name})`)
    return isList(arg) ? [id] : id
  }
  if (isList(arg)) return []
  return isEnumType(type) ? type.getValues()[0]?.name : PLAIN[type.name]
}

function isList({ type }: GraphQLArgument | GraphQLInputField): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type)
}

export interface Operation {
  readonly query: string
  readonly variables: Record<string, unknown>
  /** The argument that leads to the scene besides those that the field needs; null: none. */
  readonly by: string | null
}

export type Field = GraphQLField<unknown, unknown>

/** The mutation, with everything that its input needs and every id that leads to something of a project. */
export function mutationOf(field: Field, scene: Scene): Operation {
  const [arg] = field.args
  const type = arg === undefined ? undefined : getNamedType(arg.type)
  if (!isInputObjectType(type)) throw new Error(`${field.name} takes no input`)
  const wanted = Object.values(type.getFields()).filter(
    (each) =>
      isNonNullType(each.type) || OF_PROJECT.test(each.name) || /^(userId|sessionId|idempotencyKey)$/.test(each.name),
  )
  const input = Object.fromEntries(wanted.map((each) => [each.name, argumentFor(each, field, scene)]))
  const below = isLeafType(getNamedType(field.type)) ? '' : '{ userErrors { code path } }'
  const query = `mutation ($input: ${arg?.type}) { ${field.name}(input: $input) ${below} }`
  return { query, variables: { input }, by: null }
}

/** The query or subscription with what it needs, and once more with each argument, or part of its filter, that is an id. */
export function readingsOf(kind: 'query' | 'subscription', field: Field, scene: Scene): Operation[] {
  const common = kind === 'query' ? 'first' : 'after'
  const needed = field.args.filter(({ type, name }) => isNonNullType(type) || name === common)
  const needs = Object.fromEntries(needed.map((arg) => [arg.name, argumentFor(arg, field, scene)]))
  const optional = field.args.filter((arg) => !needed.includes(arg))
  const ways = optional.flatMap((arg): [string, Record<string, unknown>][] => {
    const type = getNamedType(arg.type)
    if (type.name === 'ID') return [[arg.name, { [arg.name]: argumentFor(arg, field, scene) }]]
    if (!isInputObjectType(type)) return []
    const parts = Object.values(type.getFields()).filter((part) => getNamedType(part.type).name === 'ID')
    return parts.map((part) => [part.name, { [arg.name]: { [part.name]: argumentFor(part, field, scene) } }])
  })
  const all: [string | null, Record<string, unknown>][] = [[null, {}], ...ways]
  return all.map(([by, more]) => {
    const variables = { ...needs, ...more }
    const args = field.args.filter(({ name }) => name in variables)
    const heads = args.map(({ name, type }) => `$${name}: ${type}`).join(', ')
    const passed = args.map(({ name }) => `${name}: $${name}`).join(', ')
    const root = `${field.name}${passed && `(${passed})`} ${selectionOf(field)}`
    return { query: `${kind} ${heads && `(${heads})`} { ${root} }`, variables, by }
  })
}

/** Of what has an id that, of a page its ids, of all else everything that needs no arguments. */
function selectionOf({ type }: Field): string {
  const named = getNamedType(type)
  if (isLeafType(named)) return ''
  if (!isObjectType(named) && !isInterfaceType(named)) return '{ __typename }'
  const fields = named.getFields()
  if ('id' in fields) return '{ id }'
  if (named.name.endsWith('Connection') && fields.nodes !== undefined)
    return `{ totalCount nodes ${selectionOf(fields.nodes)} }`
  return `{ ${everythingOf(Object.values(fields))} }`
}

/** Everything of a type that needs no arguments. */
export function everythingOf(fields: readonly Field[]): string {
  const plain = fields.filter(({ args }) => !args.some(({ type }) => isNonNullType(type)))
  return plain.map((field) => `${field.name} ${selectionOf(field)}`).join(' ')
}

/** Every query, mutation or subscription. */
export function fieldsOfRoot(schema: GraphQLSchema, root: 'Query' | 'Mutation' | 'Subscription'): Field[] {
  const type = schema.getType(root)
  return isObjectType(type) ? Object.values(type.getFields()) : []
}
