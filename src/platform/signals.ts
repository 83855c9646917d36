import { monotonicMs } from './clock.js'
import type { Lifecycle } from './lifecycle.js'

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/**
 * The first SIGTERM or SIGINT (Ctrl-C) stops the process in order and ends it: code 0, or 1 when a part would not stop.
 * A later one ends it at once, with the code shells give for that signal; within a second it is taken for the same
 * wish, since Ctrl-C under npm arrives twice: from the terminal, and passed on by npm.
 */
export function stopOnSignals(lifecycle: Lifecycle): void {
  let stoppingSince: number | null = null
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (stoppingSince !== null) {
        if (monotonicMs() - stoppingSince > 1_000) process.exit(signal === 'SIGINT' ? 130 : 143)
        return
      }
      stoppingSince = monotonicMs()
      void lifecycle.stop(signal).then((isClean) => process.exit(isClean ? 0 : 1))
    })
  }
}
