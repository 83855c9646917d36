/** What a timer of Node.js takes; 24 days. */
export const MAX_TIMER_MS = 2 ** 31 - 1

/** What people read of an attempt that took too long. */
export function timeoutMessage(timeoutMs: number | null): string {
  return `Took longer than its timeout of ${(timeoutMs ?? 0) / 1_000} s`
}
