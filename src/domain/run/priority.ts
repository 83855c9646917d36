import { invalidUnless, type Rejection } from '../rejection.js'

/** A run's priority, and a task's, is from -this to this. */
export const MAX_PRIORITY = 100

/** What is wrong with a run's priority, as the API says it. */
export function checkPriority(priority: number): Rejection[] {
  const isFine = Math.abs(priority) <= MAX_PRIORITY
  return invalidUnless(isFine, 'priority', `A priority must be from -${MAX_PRIORITY} to ${MAX_PRIORITY}`, priority)
}
