import { randomUUID } from 'node:crypto'
import { ServerFailure, UnreachableFailure } from '../failure.js'
import type { Session } from '../session/session.js'
import { backOff } from './backoff.js'
import { failureOf } from './failure-of.js'
import { post, type WireAnswer, type WireRequest } from './post.js'

/** Data, and the journal's head as it was before the server read it: a subscription `after` it has no gap. */
export interface Answer<T> {
  readonly data: T
  readonly position: string
}

export interface QueryOptions {
  /** The answer must not be older than this position. */
  readonly minPosition?: string | null | undefined
  readonly signal?: AbortSignal
}

/** No answer may be a hiccup of the network: tried three times within a second, then told. */
const TRIES = 3

/** Queries and mutations of one session. Every error is a Failure; an access token that ran out is renewed on the way. */
export class Api {
  constructor(private readonly session: Session) {}

  get server(): string {
    return this.session.server
  }

  async query<T>(
    query: string,
    variables: Record<string, unknown> = {},
    options: QueryOptions = {},
  ): Promise<Answer<T>> {
    const headers: Record<string, string> =
      options.minPosition == null ? {} : { 'dagbook-min-position': options.minPosition }
    return this.send<T>({ query, variables }, headers, TRIES, options.signal)
  }

  /** The input gets an idempotency key of its own, so a try whose answer was lost is repeated without harm. */
  async mutate<T>(query: string, input: Record<string, unknown>): Promise<T> {
    const variables = { input: { ...input, idempotencyKey: randomUUID() } }
    return (await this.send<T>({ query, variables }, {}, TRIES)).data
  }

  /** For the few inputs that have no idempotency key: sent once. */
  async mutateOnce<T>(query: string, input: Record<string, unknown>): Promise<T> {
    return (await this.send<T>({ query, variables: { input } }, {}, 1)).data
  }

  /** The answer as it came, errors and all. `isRepeatable`: when no answer comes, it is asked again. */
  async ask(request: WireRequest, isRepeatable: boolean): Promise<WireAnswer<unknown>> {
    return this.sendRaw(request, {}, isRepeatable ? TRIES : 1)
  }

  private async send<T>(
    request: WireRequest,
    headers: Record<string, string>,
    tries: number,
    signal?: AbortSignal,
  ): Promise<Answer<T>> {
    return this.accept(await this.sendRaw<T>(request, headers, tries, signal))
  }

  private async sendRaw<T>(
    request: WireRequest,
    headers: Record<string, string>,
    tries: number,
    signal?: AbortSignal,
  ): Promise<WireAnswer<T>> {
    const token = await this.session.accessToken()
    const answer = await this.postPatiently<T>(request, headers, token, tries, signal)
    if (!isUnauthenticated(answer)) return answer
    const renewed = await this.session.renew(token)
    return this.postPatiently<T>(request, headers, renewed, tries, signal)
  }

  private async postPatiently<T>(
    request: WireRequest,
    headers: Record<string, string>,
    token: string,
    tries: number,
    signal?: AbortSignal,
  ): Promise<WireAnswer<T>> {
    for (let failures = 1; ; failures++) {
      try {
        return await post<T>(this.server, request, { ...headers, authorization: `Bearer ${token}` }, signal)
      } catch (error) {
        if (!(error instanceof UnreachableFailure) || failures >= tries || signal?.aborted) throw error
        await backOff(failures, signal)
      }
    }
  }

  private accept<T>(answer: WireAnswer<T>): Answer<T> {
    const [error] = answer.errors ?? []
    if (error !== undefined) throw failureOf(error, this.server)
    if (answer.data == null) throw new ServerFailure(`Server ${this.server}: answered with neither data nor errors`)
    return { data: answer.data, position: answer.extensions?.position ?? '0' }
  }
}

function isUnauthenticated(answer: WireAnswer<unknown>): boolean {
  return answer.errors?.some((error) => error.extensions?.code === 'UNAUTHENTICATED') ?? false
}
