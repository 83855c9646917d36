import type { DagDefinition } from '../domain/dag/definition.js'
import type { RejectionCode } from '../domain/rejection.js'

/** What is to be said about a DAG file: the definition when it is valid, otherwise every problem at once. */
export interface DefinitionReport {
  /** Null when there is a problem. */
  readonly definition: DagDefinition | null
  /** Sorted by position; at most `MAX_PROBLEMS` and one more that says how many were left out. */
  readonly problems: readonly DefinitionProblem[]
}

/** One thing that has to change, and where. */
export interface DefinitionProblem {
  /** Subject, rule, given value: `tasks.load.timeout must be a duration such as 90s ..., not "soon"`. */
  readonly message: string
  readonly code: RejectionCode
  /** Keys and indexes from the top of the file. */
  readonly path: readonly string[]
  /** 1-based; null only for what has no place in the file (it is too large). */
  readonly line: number | null
  /** 1-based, in UTF-16 code units as editors count; null when `line` is. */
  readonly column: number | null
}
