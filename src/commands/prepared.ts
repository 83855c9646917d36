import type { Refused, Rejection, RejectionCode } from '../domain/rejection.js'
import type { Addressed } from './command.js'

/** A wish that was found sound, ready for the bus: which stream, and what to ask of it. */
export interface Prepared {
  readonly streamId: string
  readonly command: Addressed
  /** What follows on it in the same transaction. */
  readonly also?: readonly Prepared[]
}

/** Whether it was refused before any stream was asked. */
export function isRefusal<Value extends object>(value: Value | Refused): value is Refused {
  return 'rejections' in value
}

/** One reason among several. */
export function rejection(code: RejectionCode, message: string, ...path: string[]): Rejection {
  return { code, message, path }
}
