import type { BackfillCommand } from '../domain/backfill/backfill.js'
import type { DagCommand } from '../domain/dag/dag.js'
import type { CommandId } from '../domain/ids.js'
import type { MachineCommand } from '../domain/machine/commands.js'
import type { PoolCommand } from '../domain/pool/pool.js'
import type { ProjectCommand } from '../domain/project/project.js'
import type { QueueCommand } from '../domain/queue/queue.js'
import type { Refused } from '../domain/rejection.js'
import type { RunCommand } from '../domain/run/commands.js'
import type { SlaCommand } from '../domain/sla/sla.js'
import type { TemplateCommand } from '../domain/template/template.js'
import type { UserCommand } from '../domain/user/user.js'
import type { Statement } from '../platform/statement.js'

/** Which aggregate a command is for; its stream's id begins with the same word. */
export type Addressed =
  | { readonly aggregate: 'run'; readonly command: RunCommand }
  | { readonly aggregate: 'dag'; readonly command: DagCommand }
  | { readonly aggregate: 'backfill'; readonly command: BackfillCommand }
  | { readonly aggregate: 'project'; readonly command: ProjectCommand }
  | { readonly aggregate: 'user'; readonly command: UserCommand }
  | { readonly aggregate: 'queue'; readonly command: QueueCommand }
  | { readonly aggregate: 'pool'; readonly command: PoolCommand }
  | { readonly aggregate: 'machine'; readonly command: MachineCommand }
  | { readonly aggregate: 'template'; readonly command: TemplateCommand }
  | { readonly aggregate: 'sla'; readonly command: SlaCommand }

/** A wish to change one stream, with what the journal says about where it came from. */
export type Command = Addressed & {
  readonly id: CommandId
  readonly streamId: string
  /** A user's, a token's or a node's id, or `system`. */
  readonly actor: string
  readonly correlationId: string | null
  readonly causationId: string | null
  /**
   * Under which key the answer is kept, so that a repeat does nothing and gets the same answer; null for a command that
   * may be repeated anyway (a report of an attempt names its fence, a timer fires on what it finds).
   */
  readonly once: OnceKey | null
  /**
   * Rows that go with the events but are none (a person, say), or what must hold then; in the same transaction, when
   * there are events, after the read side was written.
   */
  readonly beside?: Statement | readonly Statement[]
  /**
   * What follows on it at once, in the same transaction, when there are events: runs that a schedule fires, say. That one
   * of them is refused is a bug.
   */
  readonly also?: readonly Command[]
  /** Where it came from, for the audit log; kept when there are events. */
  readonly origin?: Origin
}

/** Where a request came from. */
export interface Origin {
  readonly ip: string | null
  readonly userAgent: string | null
}

export interface OnceKey {
  /** The command's id, or the caller's idempotency key within its scope (actor and mutation). */
  readonly key: string
  /** SHA-256 of the canonical input without the key. */
  readonly bodyHash: Buffer
}

/** Done: `position` is that of the last event it caused, null when it caused none. */
export interface Accepted {
  readonly streamId: string
  readonly position: number | null
  /** Of the stream, after the command. */
  readonly version: number
}

export type Outcome = Accepted | Refused

/** The same idempotency key came before with another body. */
export class IdempotencyConflictError extends Error {
  override readonly name = 'IdempotencyConflictError'
  readonly code = 'CONFLICT'
  constructor(readonly key: string) {
    super('The idempotency key was used before with another input; give a new one')
  }
}

/** The database cannot be reached; nothing was stored, or a repeat with the same key will tell. */
export class StorageUnavailableError extends Error {
  override readonly name = 'StorageUnavailableError'
  readonly code = 'UNAVAILABLE'
  constructor(options: ErrorOptions) {
    super('The database cannot be reached at the moment; repeat with the same idempotency key', options)
  }
}
