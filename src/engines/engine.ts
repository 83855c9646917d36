import type { Action } from '../domain/dag/action.js'
import type { Verdict } from '../domain/dag/verdict.js'
import type { Json, JsonObject } from '../domain/json.js'
import type { AttemptOutcome, ConditionScope } from '../domain/run/commands.js'
import type { AttemptResult } from '../domain/run/events.js'
import type { AttemptRef, AttemptSample, Machine, OutputStream } from '../machines/machine.js'
import type { SampleTotals } from './usage-meter.js'

/** One attempt, with everything it needs. */
export interface Assignment extends AttemptRef {
  readonly attempt: number
  /** That it began is known: it is to be found again, and where nobody can, it must be taken for done. */
  readonly isStarted: boolean
  readonly action: Action
  readonly timeoutMs: number | null
  readonly graceMs: number
  readonly isIdempotent: boolean
  /** What the platform gives every command: `DAGBOOK_PARAM_*`, `DAGBOOK_RUN_ID` ... */
  readonly environment: Readonly<Record<string, string>>
  /** Values of secrets by variable: for the command's environment, and for nobody's eyes. */
  readonly secrets: Readonly<Record<string, string>>
  /** What expressions see, and `$DAGBOOK_INPUT` holds. */
  readonly scope: ConditionScope
  /** What the task gives its template, and the JSON Schema for it; null without a template. */
  readonly inputs: { readonly values: JsonObject; readonly schema: JsonObject } | null
  /** Null where the engine needs none. */
  readonly machine: Machine | null
  /** What was measured of it before it came to this server; null: nothing. */
  readonly sampled: SampleTotals | null
}

/** What the attempt and its dispatcher have to say to each other while it runs. */
export interface Control {
  /** Aborted when the attempt is to be stopped: its end is then STOPPED, unless it came to its own before. */
  readonly stop: AbortSignal
  /** Aborted when this server goes: the attempt is left alone, and `execute` rejects with DetachedError. */
  readonly detach: AbortSignal
  started(pid: number | null): Promise<void>
  /** Where collecting goes on, in bytes of each stream. */
  readonly collected: { readonly [Stream in OutputStream]: number }
  /** No more of its output is kept: none has to be brought. */
  readonly isFull: boolean
  /** The next bytes of a stream; resolves when they are stored. */
  output(stream: OutputStream, bytes: Buffer): Promise<void>
  /** The text without the values of the attempt's secrets. */
  masked(text: string): string
  /** What it uses just now. */
  sampled(sample: AttemptSample): void
  contactLost(reason: string): Promise<void>
  contactRestored(): Promise<void>
}

export interface EngineResult {
  readonly outcome: AttemptOutcome
  readonly result: AttemptResult
  readonly output: Json
  /** What it found out; left out where it was not to be judged. */
  readonly verdict?: Verdict
  /** Called when the end is durable: what the attempt left can go. */
  readonly dispose?: () => Promise<void>
}

/**
 * How one kind of task is executed. Called again for an attempt that another server began, it finds it again and goes
 * on. It rejects with DetachedError only; whatever else goes wrong is an outcome.
 */
export interface Engine {
  execute(assignment: Assignment, control: Control): Promise<EngineResult>
}

/** This server goes, the attempt stays: the next one re-attaches. */
export class DetachedError extends Error {
  override readonly name = 'DetachedError'
  readonly code = 'DETACHED'
  constructor() {
    super('The server is stopping; the attempt goes on without it')
  }
}

/** An end without an exit code. */
export function failedWith(outcome: AttemptOutcome, errorMessage: string): EngineResult {
  return { outcome, result: { exitCode: null, errorMessage, cpuSeconds: null }, output: null }
}
