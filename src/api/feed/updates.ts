import { GraphQLError } from 'graphql'
import type { MachineEvent } from '../../domain/machine/events.js'
import type { RunEventType } from '../../domain/run/events.js'
import type { StoredEvent } from '../../history/event.js'
import type { MachineRow } from '../../projections/capacity/capacity-rows.js'
import type { InstanceRow } from '../../projections/run/instance-row.js'
import type { RunRow } from '../../projections/run/run-row.js'
import { loadMachine } from '../capacity/load-capacity.js'
import type { Context } from '../context.js'
import type { EventFilter } from '../event/event.type.js'
import { eventQuery } from '../event/event-query.js'
import { loadInstance } from '../instance/load-instances.js'
import { loadRun } from '../run/load-runs.js'
import type { EventsFeedArgs, InstanceFeedArgs, MachineFeedArgs, RunFeedArgs } from './feed.type.js'
import { follow } from './follow.js'

export interface RunUpdateRow {
  readonly position: number
  readonly event: StoredEvent
  readonly run: RunRow
}

export interface InstanceUpdateRow {
  readonly position: number
  readonly event: StoredEvent
  readonly instance: InstanceRow
}

export interface MachineUpdateRow {
  readonly position: number
  readonly machine: MachineRow
}

/** Whether all are there is the compiler's to say. */
const RUN_EVENTS = Object.keys({
  RunRequested: true,
  RunStarted: true,
  RunPaused: true,

  RunResumed: true,
  RunPriorityChanged: true,
  RunCancelRequested: true,
  RunTimeoutReached: true,
  RunSucceeded: true,
  RunFailed: true,
  RunCanceled: true,
  RunTimedOut: true,
} satisfies Record<Extract<RunEventType, `Run${string}`>, true>)

const MACHINE_EVENTS = Object.keys({
  MachineRegistered: true,
  MachineSettingsChanged: true,
  MachineLoginChanged: true,
  MachineHostKeyOffered: true,
  MachineHostKeyApproved: true,
  MachineQuarantined: true,
  MachineProbed: true,
  MachineRemoved: true,
} satisfies Record<MachineEvent['type'], true>)

/** So many updates are shown the state of one moment; the next ones are read anew. */
const SHARED_STATE = 100

/** The events of a filter. Throws NOT_FOUND for what is not there to follow. */
export async function* followEvents(
  context: Context,
  { filter, after }: EventsFeedArgs,
): AsyncGenerator<StoredEvent, void, void> {
  for await (const events of await followed(context, filter ?? {}, after ?? null)) {
    for (const event of events) {
      context.loaders.clear()
      yield event
    }
  }
}

/** Each of the runs' own events with the run as it is when it is delivered. */
export async function* followRuns(context: Context, args: RunFeedArgs): AsyncGenerator<RunUpdateRow, void, void> {
  const { runId = null, dagId = null, projectId = null, after = null } = args
  const filter = { runId, dagId, projectId, types: RUN_EVENTS }
  yield* updates(context, await followed(context, filter, after), async (event) => {
    const run = await loadRun(event.streamId, context)
    return run === null ? null : { position: event.position, event, run }
  })
}

/** Each event of the run's instances with the instance as it is when it is delivered. */
export async function* followInstances(
  context: Context,
  { runId, after = null }: InstanceFeedArgs,
): AsyncGenerator<InstanceUpdateRow, void, void> {
  yield* updates(context, await followed(context, { runId }, after), async (event) => {
    const instance = event.instanceId === null ? null : await loadInstance(event.instanceId, context)
    return instance === null ? null : { position: event.position, event, instance }
  })
}

/** Every change of machines with the machine as it is when it is delivered; for whoever is signed in. */
export async function* followMachines(
  context: Context,
  { machineId = null, after = null }: MachineFeedArgs,
): AsyncGenerator<MachineUpdateRow, void, void> {
  if (machineId !== null && (await loadMachine(machineId, context)) === null) throw notThere('Machine', machineId)
  const query = { streamId: machineId, types: MACHINE_EVENTS, projects: null }
  yield* updates(context, follow(context, query, after, 'SIGNED_IN'), async ({ streamId, position }) => {
    const machine = await loadMachine(streamId, context)
    return machine === null ? null : { position, machine }
  })
}

async function* updates<Update extends object>(
  context: Context,
  batches: AsyncIterable<readonly StoredEvent[]>,
  updateOf: (event: StoredEvent) => Promise<Update | null>,
): AsyncGenerator<Update, void, void> {
  for await (const events of batches) {
    for (let at = 0; at < events.length; at += SHARED_STATE) {
      context.loaders.clear()
      const part = await Promise.all(events.slice(at, at + SHARED_STATE).map(updateOf))
      for (const update of part) if (update !== null) yield update
    }
  }
}

async function followed(context: Context, filter: EventFilter, after: number | null) {
  if (filter.runId && (await loadRun(filter.runId, context)) === null) throw notThere('Run', filter.runId)
  const query = await eventQuery(context, filter)
  if (query === null) throw notThere('Instance', filter.instanceId ?? filter.runId ?? '')
  return follow(context, query, after)
}

/** For what does not exist, or what the viewer may not see. */
export function notThere(noun: string, id: string): GraphQLError {
  return new GraphQLError(`${noun} ${id} is not there`, { extensions: { code: 'NOT_FOUND' } })
}
