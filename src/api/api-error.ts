/** Nobody is signed in, or no longer. */
export class UnauthenticatedError extends Error {
  override readonly name = 'UnauthenticatedError'
  readonly code = 'UNAUTHENTICATED'
  constructor(message = 'This needs an access token of a session that is signed in') {
    super(message)
  }
}

/** The viewer may not do it. */
export class ForbiddenError extends Error {
  override readonly name = 'ForbiddenError'
  readonly code = 'FORBIDDEN'
  constructor(readonly action: string) {
    super(`The viewer's role does not allow ${action}`)
  }
}

/** The journal has not reached the position that the request asked for. */
export class StalePositionError extends Error {
  override readonly name = 'StalePositionError'
  readonly code = 'STALE_POSITION'
  constructor(readonly minimum: number) {
    super(`The journal has not reached position ${minimum} yet; ask again`)
  }
}

/** The position is older than what is online. */
export class PositionArchivedError extends Error {
  override readonly name = 'PositionArchivedError'
  readonly code = 'POSITION_ARCHIVED'
  constructor(readonly position: number) {
    super(`Events after position ${position} are archived in part; begin at the journal's oldestOnlinePosition`)
  }
}

/** Too much at once from one account or address. */
export class RateLimitedError extends Error {
  override readonly name = 'RateLimitedError'
  readonly code = 'RATE_LIMITED'
  constructor(readonly retryAfterSeconds: number) {
    super(`Too many attempts; try again in ${retryAfterSeconds} s`)
  }
}

/** The operation has run into its deadline. */
export class DeadlineExceededError extends Error {
  override readonly name = 'DeadlineExceededError'
  readonly code = 'TIMEOUT'
  constructor(readonly seconds: number) {
    super(`The operation was ended after ${seconds} s`)
  }
}

/** Does not take events as fast as they come. What it was given is whole; it can resume at `position`. */
export class SlowSubscriberError extends Error {
  override readonly name = 'SlowSubscriberError'
  readonly code = 'RATE_LIMITED'
  constructor(readonly position: number) {
    super(`The subscriber is too slow; subscribe again after position ${position}`)
  }
}
