import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { CacheUnavailableError } from '../cache/cache.js'
import { IdempotencyConflictError, StorageUnavailableError } from '../commands/command.js'
import { isOutage } from '../commands/failure.js'
import type { Logger } from '../platform/logger.js'
import { TooManyWaitingError } from '../platform/slots.js'
import { TimetableTooSlowError } from '../timetable/walk.js'
import {
  DeadlineExceededError,
  ForbiddenError,
  PositionArchivedError,
  RateLimitedError,
  SlowSubscriberError,
  StalePositionError,
  UnauthenticatedError,
} from './api-error.js'
import { BadInputError } from './bad-input-error.js'

/** The contract's closed list, and the parser's and validator's own. */
const PUBLIC_CODES = new Set(
  [
    'UNAUTHENTICATED FORBIDDEN NOT_FOUND BAD_USER_INPUT CONFLICT RATE_LIMITED COST_LIMIT_EXCEEDED TIMEOUT STALE_POSITION',
    'POSITION_ARCHIVED PERSISTED_DOCUMENT_NOT_FOUND PERSISTED_DOCUMENT_REQUIRED INTERNAL',
    'GRAPHQL_PARSE_FAILED GRAPHQL_VALIDATION_FAILED OPERATION_RESOLUTION_FAILURE BAD_REQUEST',
  ]
    .join(' ')
    .split(' '),
)

type ErrorClass = new (...given: never[]) => Error

/** The one table of translation: which class of errors a caller sees under which code, its message as it is. */
const CODE_OF: readonly (readonly [ErrorClass, string])[] = [
  [UnauthenticatedError, 'UNAUTHENTICATED'],
  [ForbiddenError, 'FORBIDDEN'],
  [BadInputError, 'BAD_USER_INPUT'],
  [IdempotencyConflictError, 'CONFLICT'],
  [RateLimitedError, 'RATE_LIMITED'],
  [TooManyWaitingError, 'RATE_LIMITED'],
  [SlowSubscriberError, 'RATE_LIMITED'],
  [DeadlineExceededError, 'TIMEOUT'],
  [TimetableTooSlowError, 'TIMEOUT'],
  [StalePositionError, 'STALE_POSITION'],
  [PositionArchivedError, 'POSITION_ARCHIVED'],
  [StorageUnavailableError, 'INTERNAL'],
  [CacheUnavailableError, 'INTERNAL'],
]

/** When a line that was full has moved on. */
const SOON_SECONDS = 5

const AWAY = 'The database cannot be reached at the moment; ask again'
const UNKNOWN = 'Something went wrong; the server log knows it under the request id'

/** Postgres ends a statement at its timeout with this SQLSTATE. */
const QUERY_CANCELED = '57014'

/**
 * What leaves the server for an error: a known cause keeps its message and gets its code; anything else becomes
 * INTERNAL with the request's id, and its text goes to the log only; but a database that is away is said to be so.
 */
export function formatError(error: unknown, requestId: string, logger: Logger): GraphQLFormattedError {
  const graphqlError = error instanceof GraphQLError ? error : null
  const cause = graphqlError === null ? error : causeOf(graphqlError)
  const place = placeOf(graphqlError)
  const code = codeOf(cause, graphqlError)
  if (code !== null) {
    const message = cause instanceof Error ? cause.message : String(cause)
    return { message: withoutSuggestions(message), ...place, extensions: { code, ...detailsOf(cause) } }
  }
  logger.error({ err: cause, requestId, path: graphqlError?.path?.join('.') }, 'A request failed')
  const extensions = { code: 'INTERNAL', requestId }
  return { message: isOutage(cause) ? AWAY : UNKNOWN, ...place, extensions }
}

/** What was thrown; graphql-js wraps what is no Error to it, which one of another realm is not. */
function causeOf(error: GraphQLError): unknown {
  const original: Error & { readonly thrownValue?: unknown } = error.originalError ?? error
  return original.thrownValue ?? original
}

function placeOf(error: GraphQLError | null): Pick<GraphQLFormattedError, 'locations' | 'path'> {
  const { locations, path } = error ?? {}
  return { ...(locations === undefined ? {} : { locations }), ...(path === undefined ? {} : { path }) }
}

function codeOf(cause: unknown, error: GraphQLError | null): string | null {
  for (const [Class, code] of CODE_OF) if (cause instanceof Class) return code
  const { code: own } = cause as { code?: unknown }
  if (own === QUERY_CANCELED) return 'TIMEOUT'
  // A GraphQLError that wraps nothing was made on purpose: by the parser, the validator, a scalar or Apollo.
  if (error !== null && (error.originalError === undefined || error.originalError instanceof GraphQLError)) {
    const stated = error.extensions.code
    if (typeof stated === 'string' && PUBLIC_CODES.has(stated)) return stated
    if (stated === undefined && error.path === undefined) return 'GRAPHQL_VALIDATION_FAILED'
  }
  return null
}

/** What a program can use besides the code. */
function detailsOf(cause: unknown): { argument?: string; retryAfterSeconds?: number; position?: string } {
  if (cause instanceof BadInputError) return { argument: cause.argument }
  if (cause instanceof RateLimitedError) return { retryAfterSeconds: cause.retryAfterSeconds }
  if (cause instanceof TooManyWaitingError) return { retryAfterSeconds: SOON_SECONDS }
  if (cause instanceof SlowSubscriberError) return { position: String(cause.position) }
  return {}
}

/** graphql-js helps with names of fields, types and enum values that the caller may not even know of. */
export function withoutSuggestions(message: string): string {
  return message.replace(/ ?Did you mean [^?]*\?/g, '')
}
