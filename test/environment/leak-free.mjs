import { setTimeout as delay } from 'node:timers/promises'
import { TestEnvironment } from 'jest-environment-node'

/** What keeps a process alive and belongs to whoever opened it; unref'd ones do not show. */
const OWNED =
  /^(Timeout|TCPSocketWrap|TCPServerWrap|TLSWrap|UDPWrap|PipeWrap|ProcessWrap|FSEventWrap|StatWatcher|MessagePort|Worker)$/

/** Sockets and processes that were told to end need a moment for it. */
const PATIENCE_MS = 15_000

/**
 * Fails a test file that leaves a pool, socket, timer or child process behind, naming the kinds and their number.
 * An environment, not an afterAll: jest-circus runs afterAll hooks in the order they were written, so one from a setup
 * file would run before the file's own clean-up.
 */
export default class LeakFreeEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context)
    this.testPath = context.testPath
  }

  async handleTestEvent(event, state) {
    if (event.name === 'run_start') {
      // Piped output streams are made at first use; made here they are no leak of the test that prints first.
      void [process.stdout, process.stderr]
      this.before = countOwned()
    }
    if (event.name === 'run_finish') {
      const leaks = await waitForNone(this.before)
      if (leaks.length > 0) state.unhandledErrors.push(leakError(leaks))
    }
  }
}

function leakError(leaks) {
  const error = new Error(`The test file leaves ${leaks.join(', ')} open: end what it started in afterEach or afterAll`)
  error.stack = error.message
  return [error, error]
}

function countOwned() {
  const counts = new Map()
  for (const kind of process.getActiveResourcesInfo()) {
    if (OWNED.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return counts
}

function leaksSince(before) {
  return [...countOwned()]
    .map(([kind, count]) => ({ kind, more: count - (before.get(kind) ?? 0) }))
    .filter(({ more }) => more > 0)
    .map(({ kind, more }) => `${more} ${kind}`)
}

async function waitForNone(before) {
  const end = performance.now() + PATIENCE_MS
  let leaks = leaksSince(before)
  while (leaks.length > 0 && performance.now() < end) {
    await delay(10)
    leaks = leaksSince(before)
  }
  return leaks
}
