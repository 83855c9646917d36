import { elementKey, elementOrdinal } from '../../domain/dag/elements.js'
import type { InstanceExpanded, RunEvent } from '../../domain/run/events.js'
import { deriveId } from '../../platform/ids.js'
import { type AppliedEvent, type Projection, userOf } from '../projection.js'
import { type AttemptChange, attemptOf, foldAttempt, noAttemptChange } from './fold-attempt.js'
import { foldInstance, type InstanceChange, type InstanceEvent, noChange } from './fold-instance.js'
import { foldRun, noRunChange, type RunChange } from './fold-run.js'
import { type RunSource, taskIds } from './run-facts.js'
import { writeAttempts } from './write-attempts.js'
import {
  insertElements,
  insertInstances,
  type NewElement,
  type NewInstance,
  updateInstances,
} from './write-instances.js'
import { insertRuns, type NewRun, updateRuns } from './write-runs.js'

/** Runs, their instances and every attempt of these. */
export const runProjection: Projection = {
  name: 'runs',
  tables: ['run', 'instance', 'attempt'],
  statements(events, runs) {
    const batch = fold(events)
    if (batch.runs.size === 0) return []
    const created = newRuns(batch, runs)
    const instances = created.flatMap((run) => newInstances(run, batch.instances, runs))
    const isNew = new Set(instances.map(({ change }) => change.id))
    return [
      // First: a new run may take the place in a schedule's line of one that ends.
      ...updateRuns([...batch.runs.values()].filter((change) => change.request === null)),
      ...insertRuns(created),
      ...insertInstances(instances),
      ...insertElements(batch.lists.flatMap((list) => newElements(list, runs))),
      ...updateInstances([...batch.instances.values()].filter((change) => !isNew.has(change.id))),
      ...writeAttempts([...batch.attempts.values()]),
    ]
  },
}

interface Batch {
  readonly runs: Map<string, RunChange>
  readonly createdAt: Map<string, Date>
  readonly instances: Map<string, InstanceChange>
  readonly attempts: Map<string, AttemptChange>
  /** InstanceExpanded events. */
  readonly lists: AppliedEvent[]
}

function fold(events: readonly AppliedEvent[]): Batch {
  const batch: Batch = { runs: new Map(), createdAt: new Map(), instances: new Map(), attempts: new Map(), lists: [] }
  for (const event of events) {
    if (event.type.startsWith('Run') || event.type.startsWith('Instance')) foldEvent(batch, event)
  }
  return batch
}

function foldEvent(batch: Batch, applied: AppliedEvent): void {
  const { streamId, version, recordedAt, instanceId } = applied
  const event = applied as unknown as RunEvent
  const run = entry(batch.runs, streamId, () => noRunChange(streamId, recordedAt))
  foldRun(run, event, version, recordedAt)
  if (event.type === 'RunRequested') {
    run.createdBy = userOf(applied.actor)
    batch.createdAt.set(streamId, recordedAt)
  }
  if (instanceId === null) return
  if (event.type === 'InstanceExpanded') batch.lists.push(applied)
  const instanceEvent = event as InstanceEvent
  foldInstance(
    entry(batch.instances, instanceId, () => noChange(instanceId, recordedAt)),
    instanceEvent,
    version,
    recordedAt,
  )
  const number = attemptOf(instanceEvent)
  if (number === null) return
  const attempt = entry(batch.attempts, `${instanceId}/${number}`, () => noAttemptChange(instanceId, number))
  foldAttempt(attempt, instanceEvent, version, recordedAt)
}

function entry<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}

function newRuns(batch: Batch, runs: RunSource): NewRun[] {
  return [...batch.runs.values()].flatMap((change) => {
    if (change.request === null) return []
    const { plan } = runs(change.id)
    return [{ change, request: change.request, plan, createdAt: batch.createdAt.get(change.id) as Date }]
  })
}

function newInstances(run: NewRun, changes: Map<string, InstanceChange>, runs: RunSource): NewInstance[] {
  const { id } = run.change
  const { instanceId: idOf } = runs(id)
  const tasks = taskIds(runs(id).planId, run.plan)
  return run.plan.tasks.map((task) => {
    const instanceId = idOf(task.key)
    return {
      change: changes.get(instanceId) ?? noChange(instanceId, run.createdAt),
      runId: id,
      ordinal: task.ordinal,
      taskId: tasks[task.ordinal] as string,
      taskKey: task.key,
      projectId: run.request.projectId,
      dagId: run.request.dagId,
      createdAt: run.createdAt,
    }
  })
}

/** What becomes of an element in the same batch is an update: one event may begin 10,000 of them. */
function newElements(
  { streamId: runId, data, projectId, dagId, recordedAt }: AppliedEvent,
  runs: RunSource,
): NewElement[] {
  const { task, items } = data as InstanceExpanded
  const { ordinals, planId, instanceId: idOf } = runs(runId)
  const ordinal = ordinals.get(task) as number
  const taskId = deriveId('task', planId, ordinal)
  return items.map((item, index) => {
    const taskKey = elementKey(task, index)
    return {
      change: noChange(idOf(taskKey), recordedAt),
      runId,
      ordinal: elementOrdinal(ordinal, index),
      taskId,
      taskKey,
      projectId: projectId as string,
      dagId,
      createdAt: recordedAt,
      item,
    }
  })
}
