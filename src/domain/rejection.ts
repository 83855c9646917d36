/** Why a command was refused; the API's userErrors use the same words. */
export type RejectionCode =
  | 'INVALID'
  | 'REQUIRED'
  | 'NOT_FOUND'
  | 'TAKEN'
  | 'CONFLICT'
  | 'NOT_ALLOWED_IN_STATE'
  | 'CYCLE'
  | 'UNKNOWN_REFERENCE'
  | 'TOO_LARGE'
  | 'SCHEMA_VIOLATION'

/** A refusal is a value, returned and never thrown. `path` leads to the input that has to change. */
export interface Rejection {
  readonly code: RejectionCode
  /** Subject, rule, given value: `Run run_01j... is already finished (CANCELED)`. */
  readonly message: string
  readonly path: readonly string[]
}

/** What `decide` answers: the events that follow (none when there is nothing to do), or why not. */
export type Decision<Event> = readonly Event[] | Refused

export interface Refused {
  readonly rejections: readonly Rejection[]
}

/** Refuses for one reason. */
export function refuse(code: RejectionCode, message: string, path: readonly string[] = []): Refused {
  return { rejections: [{ code, message, path }] }
}

/** Nothing when it is fine, else `rule, given ...`, at the field of the input. */
export function invalidUnless(isFine: boolean, field: string, rule: string, given: unknown): Rejection[] {
  if (isFine) return []
  const shown = typeof given === 'string' ? given.slice(0, 100) : given
  return [{ code: 'INVALID', message: `${rule}, given ${JSON.stringify(shown)}`, path: [field] }]
}

export function isRefused<Event>(decision: Decision<Event>): decision is Refused {
  return !Array.isArray(decision)
}
