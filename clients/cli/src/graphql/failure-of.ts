import {
  type Failure,
  ForbiddenFailure,
  IncompatibleFailure,
  NotFoundFailure,
  NotSignedInFailure,
  RefusedFailure,
  ServerFailure,
} from '../failure.js'
import type { WireError } from './post.js'

/** What a caller can correct, as every payload reports it. */
export interface UserError {
  readonly message: string
  readonly code: string
  readonly path: readonly string[]
}

/** What to try when a query that a person wrote is not understood. */
export const ASK_THE_SCHEMA = `dagbook api '{ __type(name: "Query") { fields { name } } }'`

/** Where to find what there is instead, by the noun that the server's message begins with. */
const LIST_OF: Readonly<Record<string, string>> = {
  DAG: 'dagbook dag list',
  Instance: 'dagbook run list',
  Machine: 'dagbook machine list',
  Project: 'dagbook project list',
  Run: 'dagbook run list',
}

/** The one table from GraphQL error codes to failures, and so to exit codes. */
export function failureOf(error: WireError, server: string): Failure {
  const code = error.extensions?.code
  switch (code) {
    case 'UNAUTHENTICATED':
      return new NotSignedInFailure(error.message, `dagbook login --server ${server}`)
    case 'FORBIDDEN':
      return new ForbiddenFailure(error.message, 'dagbook whoami')
    case 'NOT_FOUND':
      return new NotFoundFailure(error.message, LIST_OF[error.message.split(/\W/)[0] ?? ''] ?? 'dagbook --help')
    case 'BAD_USER_INPUT':
    case 'CONFLICT':
    case 'POSITION_ARCHIVED':
      return new RefusedFailure(error.message)
    case 'GRAPHQL_PARSE_FAILED':
    case 'GRAPHQL_VALIDATION_FAILED': {
      const message = `Server ${server}: speaks another version of the API (${error.message})`
      return new IncompatibleFailure(message, `curl ${server}/version`, { cause: error })
    }
    default:
      return new ServerFailure(`${error.message}${code === undefined ? '' : ` (${code})`}`)
  }
}

/**
 * Throws when the payload has user errors: NotFoundFailure if something named is missing, else RefusedFailure. `next` is
 * what to try then; `nextIfMissing` where it is another thing in the first case.
 */
export function refuseUserErrors(
  payload: { readonly userErrors: readonly UserError[] },
  next: string,
  nextIfMissing = next,
): void {
  if (payload.userErrors.length === 0) return
  const message = payload.userErrors.map(describeUserError).join('\n')
  if (payload.userErrors.some((error) => error.code === 'NOT_FOUND')) throw new NotFoundFailure(message, nextIfMissing)
  throw new RefusedFailure(message, next)
}

function describeUserError(error: UserError): string {
  return `${error.message} (${error.code}${error.path.length > 0 ? ` at ${error.path.join('.')}` : ''})`
}

/**
 * For a query that a person wrote: all errors, a line each, as the kind of the first. One that the server does not
 * understand is refused input.
 */
export function queryFailure(errors: readonly WireError[], server: string): Failure {
  const message = errors.map(describeError).join('\n')
  const [first] = errors
  const code = first?.extensions?.code
  if (code === 'GRAPHQL_PARSE_FAILED' || code === 'GRAPHQL_VALIDATION_FAILED')
    return new RefusedFailure(message, ASK_THE_SCHEMA)
  const failure = failureOf({ message, extensions: first?.extensions ?? {} }, server)
  return failure instanceof ServerFailure ? new ServerFailure(message) : failure
}

function describeError({ message, path, extensions }: WireError): string {
  const place = path === undefined ? '' : ` at ${path.join('.')}`
  return `${message} (${extensions?.code ?? 'no code'}${place})`
}
