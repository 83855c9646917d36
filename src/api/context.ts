import type { Viewer } from '../access/viewer.js'
import type { Services } from './services.js'

/** What one operation knows; `viewer` is null for anonymous requests. */
export interface Context {
  /** Replaced when the operation itself changes who is asking (signIn) or what they may do (createProject). */
  viewer: Viewer | null
  /** A token came with the request, but none that is valid now. */
  readonly isTokenRefused: boolean
  readonly services: Services
  readonly loaders: LoaderRegistry
  /** Names the request in the log; goes out with masked errors. */
  readonly requestId: string
  /** Null where the transport does not tell. */
  readonly ip: string | null
  readonly userAgent: string | null
  /** Aborted at the operation's deadline and when the client has gone. */
  readonly signal: AbortSignal
  /** Aborts the signal. */
  readonly abort: (reason: Error) => void
}

/** What a transport knows of an operation before it is read. */
export interface Asked {
  readonly services: Services
  readonly viewer: Viewer | null
  readonly isTokenRefused: boolean
  readonly requestId: string
  readonly ip: string | null
  readonly userAgent: string | null
}

/** The context of one new operation. */
export function createContext(asked: Asked): Context {
  const controller = new AbortController()
  const abort = (reason: Error) => controller.abort(reason)
  return { ...asked, loaders: new LoaderRegistry(), signal: controller.signal, abort }
}

/**
 * Whatever is to be made once per operation, DataLoaders above all:
 * `context.loaders.get('projects', () => new DataLoader(...))`.
 */
export class LoaderRegistry {
  readonly #made = new Map<string, unknown>()

  /** What was made under the key, or is made now. A key always stands for one type. */
  get<T>(key: string, make: () => T): T {
    if (!this.#made.has(key)) this.#made.set(key, make())
    return this.#made.get(key) as T
  }

  /** Forgets everything: after a mutation, what was loaded before it is old. */
  clear(): void {
    this.#made.clear()
  }
}
