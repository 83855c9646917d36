import { serverUrl } from '../config/server-url.js'
import { NotSignedInFailure, RefusedFailure, ServerFailure, UnreachableFailure } from '../failure.js'
import type { CacheEntry, NewEntry, RunCache } from './run-cache.js'

const TIMEOUT_MS = 30_000

interface Answer {
  readonly entry?: CacheEntry
  readonly entries?: readonly CacheEntry[]
  readonly userErrors?: readonly { readonly message: string }[]
  readonly errors?: readonly { readonly message: string }[]
}

/** The cache of its own run for a task, by the token in its environment. */
export class TaskCache implements RunCache {
  private readonly path: string

  constructor(
    url: string,
    private readonly token: string,
    private readonly signal: AbortSignal,
  ) {
    this.path = `${serverUrl(url)}/task/cache`
  }

  async list(): Promise<readonly CacheEntry[]> {
    return (await this.ask('GET', ''))?.entries ?? []
  }

  async get(key: string): Promise<CacheEntry | null> {
    return (await this.ask('GET', entry(key)))?.entry ?? null
  }

  async set({ key, value, type, expiresInSeconds }: NewEntry): Promise<CacheEntry> {
    const answer = await this.ask('PUT', entry(key), { value, type, expiresInSeconds })
    if (answer?.entry === undefined) throw new ServerFailure('The server does not say what it has kept')
    return answer.entry
  }

  async delete(key: string): Promise<CacheEntry | null> {
    return (await this.ask('DELETE', entry(key)))?.entry ?? null
  }

  /** null: there is no such entry. */
  private async ask(method: string, path: string, body?: object): Promise<Answer | null> {
    const { status, answer } = await this.send(method, path, body)
    if (status === 404) return null
    if (status === 200 && answer !== null) return answer
    const said = [...(answer?.userErrors ?? []), ...(answer?.errors ?? [])].map(({ message }) => message).join('; ')
    if (status === 401) throw new NotSignedInFailure(said || 'The token is not that of a task that runs')
    if (status === 400 || status === 413) throw new RefusedFailure(said || `Refused with HTTP ${status}`)
    throw new ServerFailure(said || `Server ${this.path}: answered HTTP ${status}`)
  }

  private async send(method: string, path: string, body?: object): Promise<{ status: number; answer: Answer | null }> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.token}` }
    if (body !== undefined) headers['content-type'] = 'application/json'
    const signal = AbortSignal.any([this.signal, AbortSignal.timeout(TIMEOUT_MS)])
    const text = body === undefined ? {} : { body: JSON.stringify(body) }
    try {
      const response = await fetch(`${this.path}${path}`, { method, headers, signal, ...text })
      const answer = (await response.json().catch(() => null)) as Answer | null
      return { status: response.status, answer }
    } catch (error) {
      throw new UnreachableFailure(`Server ${this.path}: no answer`, undefined, { cause: error })
    }
  }
}

function entry(key: string): string {
  return `/entry?key=${encodeURIComponent(key)}`
}
