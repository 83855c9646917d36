import type { Engine } from '../domain/dag/action.js'
import { placeInFile } from '../domain/dag/elements.js'
import type { PlannedTask } from '../domain/dag/plan.js'
import type { CommandId, InstanceId, MachineId, NodeId, RunId } from '../domain/ids.js'
import { placementOf, rankOf } from '../domain/queue/lane.js'
import type { InstanceDispatched, InstanceQueued } from '../domain/run/events.js'
import { isOpen, type OpenRun, type RunState } from '../domain/run/state.js'
import { newId } from '../platform/ids.js'
import type { Candidate, Offer } from '../queue/candidate.js'
import type { Doing, InstanceKey, View } from '../queue/look-for-work.js'
import { pick } from '../queue/pick.js'
import type { Turns } from '../queue/turns.js'
import type { Command } from './command.js'
import type { Decided } from './decide-command.js'
import type { Stream } from './streams.js'

/** A dispatcher asks for work; it is claimed with the group of commands that its request joins. */
export interface ClaimRequest extends Offer {
  readonly node: NodeId
}

/** An instance that is now this dispatcher's to execute. */
export interface Claimed {
  readonly runId: RunId
  readonly instanceId: InstanceId
  readonly taskKey: string
  readonly engine: Engine
  readonly attempt: number
  /** Reports of this attempt carry it. */
  readonly fence: number
  readonly machineId: MachineId | null
}

/** What the group does to the queues besides its claim. */
export function doingOf(decided: Decided, streams: ReadonlyMap<string, Stream>): Doing {
  const entered = new Set(queuedHere(decided, streams).map(({ queue }) => queue))
  return { released: releasedHere(decided), entered: [...entered] }
}

/** The dispatches that a claim comes to: of what waited before, and of what this very group has queued. */
export function claimCommands(
  request: ClaimRequest,
  view: View,
  streams: ReadonlyMap<string, Stream>,
  decided: Decided,
  turns: Turns,
): Command[] {
  const waiting = new Map<string, Candidate>()
  for (const candidate of [...view.candidates, ...queuedHere(decided, streams)]) {
    if (candidate.isStuck || isClaimable(candidate, streams)) waiting.set(candidate.instanceId, candidate)
  }
  const picked = pick([...waiting.values()], view.capacity, request, turns)
  turns.note(picked.map(({ candidate }) => candidate))
  return picked.map(({ candidate, machine }) => ({
    aggregate: 'run',
    command: {
      type: 'DispatchInstance',
      task: candidate.taskKey,
      node: request.node,
      machineId: (machine?.id as MachineId | undefined) ?? null,
    },
    id: newId('command') as CommandId,
    streamId: candidate.runId,
    actor: request.node,
    correlationId: null,
    causationId: null,
    once: null,
  }))
}

/** What the dispatches led to. */
export function claimedBy(decided: Decided, from: number, streams: ReadonlyMap<string, Stream>): Claimed[] {
  return decided.events.slice(from).flatMap((event) => {
    if (event.type !== 'InstanceDispatched') return []
    const { task, attempt, machineId } = event.data as InstanceDispatched
    const runId = event.streamId as RunId
    const instanceId = event.instanceId as InstanceId
    const { plan, ordinals } = (streams.get(runId) as Stream).state as OpenRun
    const { engine } = plan.tasks[ordinals.get(task) as number] as PlannedTask
    return [{ runId, instanceId, taskKey: task, engine, attempt, fence: event.version, machineId }]
  })
}

/** Whether its stream is locked here and it still waits, now that the lock shows the truth. */
function isClaimable(candidate: Candidate, streams: ReadonlyMap<string, Stream>): boolean {
  const state = streams.get(candidate.runId)?.state as RunState | undefined
  if (state === undefined || !isOpen(state) || state.status !== 'RUNNING') return false
  const ordinal = state.ordinals.get(candidate.taskKey)
  return ordinal !== undefined && state.instances[ordinal]?.status === 'QUEUED'
}

/** What the group itself has queued: it stands in no table yet. */
function queuedHere(decided: Decided, streams: ReadonlyMap<string, Stream>): Candidate[] {
  return decided.events.flatMap((event) => {
    if (event.type !== 'InstanceQueued') return []
    const { task, isHeld } = event.data as InstanceQueued
    const state = streams.get(event.streamId)?.state as RunState | undefined
    if (isHeld || state === undefined || !isOpen(state)) return []
    const planned = state.plan.tasks[state.ordinals.get(task) as number]
    if (planned === undefined) return []
    const { queue, cpu, memoryBytes } = planned
    const rank = rankOf(
      event.recordedAt.getTime(),
      state.priority + planned.priority,
      placeInFile(state.ordinals, task),
    )
    const placement = placementOf(planned)
    const runId = event.streamId
    const { projectId } = state.request
    const instanceId = event.instanceId as string
    const wish = { queue, projectId, placement, rank, cpu, memoryBytes, isOverdue: false, isStuck: false }
    return [{ instanceId, runId, taskKey: task, ...wish }]
  })
}

/** Instances that held capacity before this group and do not after it. */
function releasedHere(decided: Decided): InstanceKey[] {
  return decided.events.flatMap(({ type, instanceId, streamId, data }) => {
    if (instanceId === null || KEEPS_CAPACITY.has(type)) return []
    const { task, attempt = null } = data as { task: string; attempt?: number | null }
    return attempt === null ? [] : [{ runId: streamId, taskKey: task }]
  })
}

/** What tells of an attempt without ending it. */
const KEEPS_CAPACITY: ReadonlySet<string> = new Set(['InstanceQueued', 'InstanceDispatched', 'InstanceStarted'])
