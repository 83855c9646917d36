import type { Json } from '../domain/json.js'
import type { ConditionScope } from '../domain/run/commands.js'

/** What a worker thread is given. */
export interface ThreadTask {
  /** The module's URL. */
  readonly file: string
  /** The name under which it exports the function. */
  readonly exported: string
  readonly input: Json
  readonly scope: ConditionScope
  /** Between two tellings of what it uses. */
  readonly tellMs: number
}

/** What it tells. The only thing that it is told is to stop. */
export type ThreadMessage =
  /** Before the module is loaded. `thread`: its folder in /proc; null where there is none. */
  | { readonly kind: 'BEGAN'; readonly thread: string | null }
  /** Bytes of its heap that are in use; cpu since it began, null where nobody counts it. */
  | { readonly kind: 'USED'; readonly memoryBytes: number; readonly cpuSeconds: number | null }
  /** JSON; empty: nothing. */
  | { readonly kind: 'RETURNED'; readonly json: string }
  | { readonly kind: 'FAILED'; readonly reason: string }
