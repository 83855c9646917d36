import type { Engine, EngineResult } from './engine.js'

/** What a noop comes to: nothing is done, and that succeeds. */
export const NOOP_RESULT: EngineResult = {
  outcome: 'SUCCEEDED',
  result: { exitCode: null, errorMessage: null, cpuSeconds: null },
  output: null,
}

export const noopEngine: Engine = { execute: async () => NOOP_RESULT }
