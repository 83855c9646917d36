import type { Lifecycle } from './lifecycle.js'

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/**
 * The first SIGTERM or SIGINT (Ctrl-C) stops the process in order and ends it: code 0, or 1 when a part would not stop.
 * The second ends it at once, with the code shells give for that signal.
 */
export function stopOnSignals(lifecycle: Lifecycle): void {
  let isStopping = false
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (isStopping) process.exit(signal === 'SIGINT' ? 130 : 143)
      isStopping = true
      void lifecycle.stop(signal).then((isClean) => process.exit(isClean ? 0 : 1))
    })
  }
}
