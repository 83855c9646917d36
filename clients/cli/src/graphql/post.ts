import { endpointOf } from '../config/server-url.js'
import { ServerFailure, UnreachableFailure } from '../failure.js'

/** One GraphQL error as it came over the wire. */
export interface WireError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions?: { readonly code?: string }
}

/** One GraphQL response as it came over the wire. */
export interface WireAnswer<T> {
  readonly data?: T | null
  readonly errors?: readonly WireError[]
  readonly extensions?: { readonly position?: string }
}

export interface WireRequest {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  /** Which operation, where the query has several. */
  readonly operationName?: string
}

/** A publish of 10 MB on a slow line needs more than a query does. */
const TIMEOUT_MS = 30_000
const LARGE_TIMEOUT_MS = 300_000

/**
 * Sends one request, once. UnreachableFailure: no answer came (it may still have been executed); ServerFailure: an
 * answer that is not GraphQL.
 */
export async function post<T>(
  server: string,
  request: WireRequest,
  headers: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<WireAnswer<T>> {
  const body = JSON.stringify(request)
  const timeout = AbortSignal.timeout(body.length > 100_000 ? LARGE_TIMEOUT_MS : TIMEOUT_MS)
  const response = await fetchOrFail(server, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
      ...headers,
    },
    body,
    signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
  })
  return parseAnswer<T>(server, response)
}

async function fetchOrFail(server: string, init: RequestInit): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(endpointOf(server), init)
    return { status: response.status, text: await response.text() }
  } catch (error) {
    throw unreachable(server, error)
  }
}

function unreachable(server: string, error: unknown): UnreachableFailure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : (error as Error)
  const why = (cause as NodeJS.ErrnoException).code ?? cause.message
  return new UnreachableFailure(`Server ${server}: no answer (${why})`, `curl -i ${server}/readyz`, { cause: error })
}

function parseAnswer<T>(server: string, response: { status: number; text: string }): WireAnswer<T> {
  try {
    const answer = JSON.parse(response.text) as WireAnswer<T>
    if (typeof answer === 'object' && answer !== null && (answer.data !== undefined || answer.errors !== undefined)) {
      return answer
    }
  } catch {
    // Told below, with the status: a proxy's HTML page says nothing that helps.
  }
  const message = `Server ${server}: must answer with GraphQL, answered HTTP ${response.status} with something else`
  // 502, 503 and 504 come from a proxy, or from a server that starts or stops: no answer of Dagbook's.
  if ([502, 503, 504].includes(response.status)) throw new UnreachableFailure(message, `curl -i ${server}/readyz`)
  throw new ServerFailure(message, `curl -i ${server}/version`)
}
