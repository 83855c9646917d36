/** Where the time comes from. Only this file asks the system; everyone else is given a Clock or an instant. */
export interface Clock {
  now(): Date
}

/** The wall clock: milliseconds since 1970 UTC. It may jump, in both directions, when the host is set right. */
export const systemClock: Clock = { now: () => new Date() }

/** Milliseconds, with fractions, on a clock that never goes back: for durations and deadlines inside one process. */
export function monotonicMs(): number {
  return performance.now()
}
