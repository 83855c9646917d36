import { EXIT, type ExitCode } from '../exit-code.js'
import { LiveTree } from '../watch/live-tree.js'
import type { Connection, World } from '../world.js'
import { awaitRun } from './await-run.js'
import { readInstances } from './instances.js'
import { printInstances, printRun } from './print-run.js'
import { ProgressPrinter } from './progress-printer.js'
import { hasEnded, type Run } from './run.js'
import { FAILED_STATUSES, type RunWatcher } from './run-watcher.js'
import { watchRun } from './watch-run.js'

/** How a command that started a run goes on. */
export interface FinishOptions {
  readonly wait?: boolean
  readonly watch?: boolean
  readonly json?: boolean
}

/**
 * With `wait` or `watch`, stays until the run has ended and answers with its exit code; otherwise prints it as it is.
 * `position` is that of the command which started it.
 */
export async function finishRun(
  world: World,
  connection: Connection,
  run: Run,
  position: string | null,
  options: FinishOptions,
): Promise<ExitCode> {
  if (!options.wait && !options.watch) {
    if (options.json) world.terminal.json({ run })
    else world.terminal.print(run.id)
    return EXIT.OK
  }
  const ended = await runToItsEnd(world, connection, run, position, options)
  await printEnd(world, connection, ended, options)
  return ended.status === 'SUCCEEDED' ? EXIT.OK : EXIT.RUN_NOT_SUCCEEDED
}

/** Stays until the run has ended, and with `watch` shows it on the way; answers with how it ended. */
export async function runToItsEnd(
  world: World,
  connection: Connection,
  run: Run,
  minPosition: string | null,
  options: FinishOptions,
): Promise<Run> {
  const { signal, terminal } = world
  try {
    if (!options.watch) return await awaitRun(connection, run.id, { signal, minPosition })
    return await watchRun(connection, run.id, watcherFor(world, connection, options), { signal, minPosition })
  } finally {
    if (signal.aborted && !hasEnded(run.status)) terminal.note(`The run goes on. Next: dagbook run watch ${run.id}`)
  }
}

/** A tree that is redrawn needs a terminal that can move its cursor. */
function watcherFor({ env, signal, terminal }: World, { api }: Connection, { json }: FinishOptions): RunWatcher {
  const isDrawable = terminal.isInteractive && env.TERM !== 'dumb' && !json
  return isDrawable ? new LiveTree(terminal, api, signal) : new ProgressPrinter(terminal, json === true)
}

async function printEnd(world: World, { api }: Connection, run: Run, options: FinishOptions): Promise<void> {
  const { terminal } = world
  if (options.json) return terminal.json(options.watch ? { kind: 'result', run } : { run })
  printRun(terminal, run)
  if (run.status === 'SUCCEEDED') return
  const failed = await readInstances(api, run.id, 10, FAILED_STATUSES)
  if (failed.length === 0) return
  terminal.print('')
  printInstances(terminal, failed)
  terminal.note(`Next: dagbook logs ${run.id} ${failed[0]?.taskKey}`)
}
