import { EXIT } from '../exit-code.js'
import { NotFoundFailure } from '../failure.js'
import { backOff } from '../graphql/backoff.js'
import { patiently } from '../graphql/patiently.js'
import { attemptOutput } from '../logs/attempt-output.js'
import { findInstance, type InstanceRef, type LogEntry } from '../logs/log-source.js'
import { printableText } from '../output/printable.js'
import { resolveRun } from '../runs/resolve-run.js'
import { hasInstanceEnded } from '../runs/run-watcher.js'
import { type Connection, type World, withConnection } from '../world.js'
import { type AddCommand, wholeNumber } from './command.js'

interface Options {
  follow?: boolean
  attempt?: number
  json?: boolean
}

/** `dagbook logs RUN TASK`: what an instance wrote, and with -f what it writes until it has ended. */
export const addLogs: AddCommand = (parent, world, finish) => {
  parent
    .command('logs')
    .description('Show the output of a task in a run')
    .argument('<run>', "a run's id, or PROJECT/DAG for its latest run")
    .argument('<task>', "the task's key")
    .option('-f, --follow', 'go on until the instance has ended, later attempts included')
    .option('--attempt <n>', 'this attempt instead of the latest', wholeNumber(1, 2 ** 31 - 1))
    .option('--json', 'print each piece as NDJSON: { attempt, offset, stream, text, recordedAt }')
    .action(async (text: string, task: string, options: Options) => {
      await withConnection(world, async (connection) => {
        const runId = await resolveRun(connection.api, text)
        await printOutput(world, connection, await findInstance(connection.api, runId, task), runId, task, options)
      })
      finish(EXIT.OK)
    })
}

async function printOutput(
  world: World,
  connection: Connection,
  found: InstanceRef,
  runId: string,
  task: string,
  options: Options,
): Promise<void> {
  const { signal } = world
  let instance = found
  let shown = options.attempt === undefined ? (instance.attempts.at(-1)?.number ?? 1) - 1 : options.attempt - 1
  for (let waits = 1; ; waits++) {
    const attempt = shown + 1
    if (instance.attempts.some(({ number }) => number === attempt)) {
      const onEntry = (entry: LogEntry): void => printEntry(world, entry, attempt, options.json === true)
      const onTruncated = (): void =>
        world.terminal.note(`Attempt ${attempt}: its output was cut at the server's limit`)
      const output = { follow: options.follow === true, signal, onEntry, onTruncated }
      instance = await attemptOutput(connection, instance.id, attempt, output)
      shown = attempt
      if (options.attempt !== undefined || !options.follow) return
    } else if (!options.follow || hasInstanceEnded(instance.status)) {
      if (options.attempt !== undefined) throw noAttempt(task, attempt, runId)
      if (shown === 0) world.terminal.note(`Task ${task} has not started: it is ${instance.status}`)
      return
    } else {
      await backOff(Math.min(waits, 5), signal)
      instance = await patiently(signal, () => findInstance(connection.api, runId, task))
    }
  }
}

function noAttempt(task: string, attempt: number, runId: string): NotFoundFailure {
  return new NotFoundFailure(`Task ${task}: has no attempt ${attempt}`, `dagbook run show ${runId}`)
}

function printEntry({ terminal }: World, entry: LogEntry, attempt: number, asJson: boolean): void {
  if (asJson) terminal.json({ attempt, ...entry })
  else if (entry.stream === 'SYSTEM') terminal.note(entry.text.trimEnd())
  else terminal.stdout.write(terminal.isInteractive ? printableText(entry.text) : entry.text)
}
