import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
} from 'graphql'
import { type ComplexityEstimatorArgs, getComplexity } from 'graphql-query-complexity'
import { LARGE_PAGE_CAP, LOG_BYTES_CAP, PAGE_CAP } from '../paging.js'

/** Objects that one operation may ask for, and what they hold, roughly: a page of 1,000 instances with their attempts is well below. */
export const COST_LIMIT = 50_000

/** What a list without pages is taken to hold. */
const PLAIN_LIST = 10
/** Lists without pages that are longer, by what they hold: versions of a template, a run's critical path, its cache. */
const LONG_LISTS: ReadonlyMap<string, number> = new Map([
  ['Template', 100],
  ['Instance', 100],
  ['CacheEntry', 100],
])
const DEFAULT_PAGE = 20

/** Connections whose pages go up to 1,000. */
const LARGE = new Set(['TaskConnection', 'InstanceConnection', 'EventConnection', 'InstanceStateConnection'])

/**
 * What an operation costs: every object 1, a list its size times what is selected of each element, what may be wide by
 * what it may hold, other leaves nothing.
 * Throws a GraphQLError with the code COST_LIMIT_EXCEEDED above the limit.
 */
export function checkCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | undefined,
  variables: Record<string, unknown>,
): void {
  const cost = costOf(schema, document, operationName, variables)
  if (cost <= COST_LIMIT) return
  throw new GraphQLError(`An operation may cost at most ${COST_LIMIT}, given ${cost}: ask for smaller pages`, {
    extensions: { code: 'COST_LIMIT_EXCEEDED' },
  })
}

/** Of one operation; 0 where the variables do not fit. */
export function costOf(
  schema: GraphQLSchema,
  query: DocumentNode,
  operationName: string | undefined,
  variables: Record<string, unknown>,
): number {
  try {
    const named = operationName === undefined ? {} : { operationName }
    return getComplexity({ schema, query, variables, ...named, estimators: [estimate] })
  } catch (error) {
    // Variables that do not fit their types are execution's to report, with the right words.
    if (error instanceof GraphQLError && !/nodes/i.test(error.message)) return 0
    return Number.POSITIVE_INFINITY
  }
}

/**
 * Fields that may be wide, or are made from all of a run, each of which takes memory and time of its own: a unit for some
 * 10 KB of what they may hold, so that an operation loads 500 MB at most. Outputs that are put together from many tasks,
 * each of 1 MB at most, count as three of them.
 */
const WIDE: ReadonlyMap<string, number> = new Map([
  ['Dag.nextRunAt', 200],
  ['Dag.nextRunTimes', 200],
  ['DagVersion.source', 1_000],
  ['DagVersion.definition', 1_000],
  ['DagVersion.diff', 1_000],
  ['Instance.input', 300],
  ['Instance.output', 100],
  ['Instance.stackTrace', 10],
  // Values are read with their entries, whatever is selected of them.
  ['Run.cache', 1_600],
  ['Run.cacheEntry', 100],
  ['Run.estimatedRemainingSeconds', 250],
  ['Run.output', 300],
  ['Template.definition', 25],
  ['Template.parametersSchema', 25],
])
const UNIT_BYTES = 10_000

/**
 * An event of a page is read with its data, whatever is selected. That may hold an output, and seldom does: a page of 1,000
 * must fit, two of them need not.
 */
const EVENT = 40

function estimate({ type, field, args, childComplexity }: ComplexityEstimatorArgs): number {
  const named = getNamedType(field.type)
  const wide =
    named.name === 'LogSlice' ? Math.ceil(bytesOf(args) / UNIT_BYTES) : (WIDE.get(`${type.name}.${field.name}`) ?? 0)
  if (isLeafType(named)) return wide
  if (named.name.startsWith('__')) return 0
  if (named.name.endsWith('Connection')) {
    const cap = LARGE.has(named.name) ? LARGE_PAGE_CAP : PAGE_CAP
    const asked = Number(args.first ?? args.last ?? DEFAULT_PAGE)
    const each = named.name === 'EventConnection' ? EVENT : 0
    return 1 + Math.min(Math.max(asked, 0), cap) * (each + childComplexity)
  }
  if (!isListType(getNullableType(field.type))) return 1 + wide + childComplexity
  // The connection has multiplied what is below its edges and nodes already.
  const isOfPage = field.name === 'edges' || field.name === 'nodes'
  const ids: unknown = args.ids
  const size = isOfPage ? 1 : Array.isArray(ids) ? ids.length : plainSize(named.name, args)
  return isOfPage ? 1 + childComplexity : wide + size * (1 + childComplexity)
}

/** Of a part of a log. Given as null it is the default. */
function bytesOf({ lastBytes, maxBytes }: ComplexityEstimatorArgs['args']): number {
  return Math.min(Math.max(Number(lastBytes ?? maxBytes ?? 65_536), 0), LOG_BYTES_CAP)
}

/** A curve has as many points as are asked for. */
function plainSize(name: string, { maxPoints }: ComplexityEstimatorArgs['args']): number {
  // Given as null it is the default.
  if (maxPoints !== undefined) return Math.max(Number(maxPoints ?? 500), 1)
  return LONG_LISTS.get(name) ?? PLAIN_LIST
}
