import { placeInFile, plannedOf } from '../../domain/dag/elements.js'
import type { PlannedTask } from '../../domain/dag/plan.js'
import { placementOf } from '../../domain/queue/lane.js'
import type { Statement } from '../../platform/statement.js'
import { columns, type Projection, sharing } from '../projection.js'
import type { RunSource } from '../run/run-facts.js'
import { foldPlaces, type Place } from './fold-places.js'

/** Who waits for capacity, and who holds it. What they ask for is the plan's to say: no row is read to write one. */
export const waitingProjection: Projection = {
  name: 'waiting',
  tables: ['queue_entry', 'queue_hold'],
  statements(events, runs) {
    const { places, pauses, priorities } = foldPlaces(events)
    const moved = [...places.values()]
    return [
      ...leave('leave-entry', LEAVE_ENTRY, moved, 'queue_entry'),
      ...leave('leave-hold', LEAVE_HOLD, moved, 'queue_hold'),
      ...enter(moved, runs),
      ...hold(moved, runs),
      ...moveHolds(moved),
      // Last: how the run stands after the batch decides for all that waits.
      ...pause(pauses),
      ...rerank(priorities, runs),
    ]
  },
}

const LEAVE_ENTRY = 'DELETE FROM queue_entry WHERE instance_id = ANY($1::text[])'
const LEAVE_HOLD = 'DELETE FROM queue_hold WHERE instance_id = ANY($1::text[])'

function leave(name: string, text: string, places: readonly Place[], table: Place['left']): Statement[] {
  const ids = places.filter((place) => place.left === table).map((place) => place.instanceId)
  return ids.length === 0 ? [] : [{ name, text, values: [ids] }]
}

/** The rank is that of `rankOf`. */
const ENTER = `
  INSERT INTO queue_entry (instance_id, run_id, task_key, project_id, rank, is_held, queued_at, queue, placement, cpu,
    memory_bytes, expires_at)
  SELECT e.id, ($9::text[])[e.run], e.task, ($10::text[])[e.run],
    ($11::timestamptz[])[e.run] - make_interval(mins => e.priority) + e.place * interval '1 microsecond', e.is_held, ($11::timestamptz[])[e.run], e.queue,
    e.placement, e.cpu, e.memory, ($11::timestamptz[])[e.run] + make_interval(secs => e.timeout_ms / 1000.0)
  FROM unnest($1::text[], $2::integer[], $3::text[], $4::integer[], $5::boolean[], $6::text[], $7::text[], $8::float8[],
    $12::bigint[], $13::bigint[], $14::integer[])
    AS e(id, run, task, priority, is_held, queue, placement, cpu, memory, timeout_ms, place)`

function enter(places: readonly Place[], runs: RunSource): Statement[] {
  const entering = places.flatMap((place) => {
    if (place.waiting === null) return []
    const { task, priority } = wish(place, runs)
    const inFile = placeInFile(runs(place.runId).ordinals, place.taskKey)
    return [{ place, task, ...place.waiting, inFile, priority: priority + task.priority }]
  })
  if (entering.length === 0) return []
  const { shared, places: runOf } = sharing(
    entering,
    ({ place, queuedAt }) => `${place.runId} ${queuedAt.getTime()}`,
    (entry) => entry,
  )
  const values = [
    ...columns(
      entering,
      ({ place }) => place.instanceId,
      (_, index) => runOf[index],
      ({ place }) => place.taskKey,
      ({ priority }) => priority,
      ({ isHeld }) => isHeld,
      ({ task }) => task.queue,
      ({ task }) => placementOf(task),
      ({ task }) => task.cpu,
    ),
    ...columns(
      shared,
      ({ place }) => place.runId,
      ({ place }) => place.projectId,
      ({ queuedAt }) => queuedAt,
    ),
    entering.map(({ task }) => task.memoryBytes),
    entering.map(({ task }) => task.queueTimeoutMs ?? null),
    entering.map(({ inFile }) => inFile),
  ]
  return [{ name: 'enter', text: ENTER, values }]
}

const HOLD = `
  INSERT INTO queue_hold (instance_id, run_id, task_key, fence, node_id, machine_id, queue, cpu, memory_bytes, project_id)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::text[], $7::text[],
    $8::float8[], $9::bigint[], $10::text[])`

function hold(places: readonly Place[], runs: RunSource): Statement[] {
  const holding = places.flatMap((place) =>
    place.holding === null ? [] : [{ ...place.holding, place, task: wish(place, runs).task }],
  )
  if (holding.length === 0) return []
  const values = columns(
    holding,
    ({ place }) => place.instanceId,
    ({ place }) => place.runId,
    ({ place }) => place.taskKey,
    ({ fence }) => fence,
    ({ place }) => place.nodeId,
    ({ machineId }) => machineId,
    ({ task }) => task.queue,
    ({ task }) => task.cpu,
    ({ task }) => task.memoryBytes,
    ({ place }) => place.projectId,
  )
  return [{ name: 'hold', text: HOLD, values }]
}

function wish({ runId, taskKey }: Place, runs: RunSource): { readonly task: PlannedTask; readonly priority: number } {
  const { plan, ordinals, priority } = runs(runId)
  return { task: plannedOf(plan, ordinals, taskKey), priority }
}

const MOVE_HOLDS = `
  UPDATE queue_hold AS h SET node_id = m.node
  FROM unnest($1::text[], $2::text[]) AS m(id, node)
  WHERE h.instance_id = m.id`

/** Attempts that another dispatcher has taken over. */
function moveHolds(places: readonly Place[]): Statement[] {
  const moved = places.filter((place) => !place.hasMoved && place.nodeId !== null)
  if (moved.length === 0) return []
  const values = columns(
    moved,
    (place) => place.instanceId,
    (place) => place.nodeId,
  )
  return [{ name: 'move-holds', text: MOVE_HOLDS, values }]
}

const PAUSE = `
  UPDATE queue_entry AS e SET is_held = p.is_held
  FROM unnest($1::text[], $2::boolean[]) AS p(run, is_held) JOIN instance i ON i.run_id = p.run
  WHERE e.instance_id = i.id AND e.is_held <> p.is_held`

function pause(pauses: ReadonlyMap<string, boolean>): Statement[] {
  if (pauses.size === 0) return []
  return [{ name: 'pause', text: PAUSE, values: [[...pauses.keys()], [...pauses.values()]] }]
}

const RERANK = `
  UPDATE queue_entry AS e SET rank = e.rank - make_interval(mins => p.raised)
  FROM unnest($1::text[], $2::integer[]) AS p(run, raised) JOIN instance i ON i.run_id = p.run
  WHERE e.instance_id = i.id`

/** All that waits of these runs, what entered in this batch too, has the rank of the priority before it. */
function rerank(priorities: ReadonlyMap<string, number>, runs: RunSource): Statement[] {
  if (priorities.size === 0) return []
  const raised = [...priorities].map(([run, priority]) => priority - runs(run).priority)
  return [{ name: 'rerank', text: RERANK, values: [[...priorities.keys()], raised] }]
}
