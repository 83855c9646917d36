import type { EventFilter } from '../events/event.js'
import { followEvents } from '../events/follow-events.js'
import { printEvent } from '../events/print-event.js'
import { eventsAfter, newestEvents, type ReadEvents } from '../events/read-events.js'
import { EXIT } from '../exit-code.js'
import { resolveRun } from '../runs/resolve-run.js'
import { type Connection, type World, withConnection } from '../world.js'
import { type AddCommand, collected, position, wholeNumber } from './command.js'

interface Options {
  run?: string
  type?: string[]
  after?: string
  limit?: number
  follow?: boolean
  json?: boolean
}

const NEWEST = 100

/** `dagbook events`: the journal as far as the caller may read it, stored events and live ones. */
export const addEvents: AddCommand = (parent, world, finish) => {
  parent
    .command('events')
    .description('Show events of the journal, oldest first')
    .option('--run <run>', "only a run's: its id, or PROJECT/DAG for its latest run")
    .option('--type <type>', 'only this type, such as RunRequested; may be repeated', collected)
    .option('--after <position>', `all after this position; otherwise the newest ${NEWEST}`, position)
    .option('--limit <n>', 'at most this many', wholeNumber(1, 1_000_000))
    .option('--follow', 'go on with each new event')
    .option('--json', 'print each event as NDJSON')
    .action(async (options: Options) => {
      await withConnection(world, async (connection) => {
        const filter = await filterOf(connection, options)
        let missing = options.limit ?? Number.POSITIVE_INFINITY
        let after = options.after
        // With --follow --after, the subscription itself begins there.
        if (!options.follow || after === undefined) {
          const { events, head } = await stored(connection, filter, options)
          for (const event of events) printEvent(world.terminal, event, options.json === true)
          missing -= events.length
          after = head
        } else {
          // A server that is down, or a session that has ended, is told now rather than retried for ever.
          await connection.api.query('query Ping { __typename }')
        }
        if (options.follow && missing > 0) await printLive(world, connection, filter, after, missing, options)
      })
      finish(EXIT.OK)
    })
}

async function filterOf({ api }: Connection, options: Options): Promise<EventFilter> {
  return {
    ...(options.run === undefined ? {} : { runId: await resolveRun(api, options.run) }),
    ...(options.type === undefined ? {} : { types: options.type }),
  }
}

async function stored({ api }: Connection, filter: EventFilter, options: Options): Promise<ReadEvents> {
  if (options.after === undefined) return newestEvents(api, filter, options.limit ?? NEWEST)
  const { events, head } = await eventsAfter(api, filter, options.after)
  return { events: events.slice(0, options.limit), head }
}

async function printLive(
  world: World,
  { sockets }: Connection,
  filter: EventFilter,
  after: string,
  limit: number,
  options: Options,
): Promise<void> {
  let missing = limit
  const onCut = (error: Error, failures: number): void => {
    // One cut is an everyday restart; what lasts is told once.
    if (failures === 3) world.terminal.note(`${error.message}; trying again until it works`)
  }
  for await (const event of followEvents(sockets, filter, { after, signal: world.signal, onCut })) {
    printEvent(world.terminal, event, options.json === true)
    missing -= 1
    if (missing === 0) return
  }
}
