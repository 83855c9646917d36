import type { Candidate } from './candidate.js'
import type { Capacity } from './look-for-work.js'
import type { Turns } from './turns.js'

/** A minute, as in `rankOf`. */
const STEP_MS = 60_000

/**
 * In which order they have their turn. In a queue: the project that holds least of it, what it is given here counted; then
 * the one that had its turn longest ago; then by rank. So with one project it is the order of ranks, and one that has
 * queued thousands keeps no other waiting. Between queues: by rank and the queue's priority, where the first of a queue's
 * order stands for its lowest rank, the second for the second lowest, and so on.
 */
export function inFairOrder(candidates: readonly Candidate[], capacity: Capacity, turns: Turns): Candidate[] {
  const queues = new Map<string, Candidate[]>()
  for (const candidate of candidates) {
    const mine = queues.get(candidate.queue)
    if (mine === undefined) queues.set(candidate.queue, [candidate])
    else mine.push(candidate)
  }
  const placed = [...queues].flatMap(([name, mine]) => {
    const priority = (capacity.queues.get(name)?.priority ?? 0) * STEP_MS
    const ranked = mine.sort(byRank)
    const ordered = inTurns(name, ranked, capacity, turns)
    return ordered.map((candidate, at) => ({ candidate, at, place: (ranked[at] as Candidate).rank - priority }))
  })
  if (queues.size > 1) placed.sort((a, b) => a.place - b.place || a.at - b.at || byRank(a.candidate, b.candidate))
  return placed.map(({ candidate }) => candidate)
}

/** One queue's, given in the order of ranks. */
function inTurns(name: string, ranked: readonly Candidate[], { uses }: Capacity, turns: Turns): readonly Candidate[] {
  const held = new Map(uses.get(name))
  const levelled = ranked.map((candidate) => {
    const level = (held.get(candidate.projectId) ?? 0) + 1
    // One that cannot be chosen takes no place from its project's others.
    if (!candidate.isStuck) held.set(candidate.projectId, level)
    return { candidate, level, turn: turns.of(candidate) }
  })
  if (new Set(ranked.map(({ projectId }) => projectId)).size < 2) return ranked
  // Stable: among equals by rank.
  return levelled.sort((a, b) => a.level - b.level || a.turn - b.turn).map(({ candidate }) => candidate)
}

function byRank(a: Candidate, b: Candidate): number {
  return a.rank - b.rank || (a.instanceId < b.instanceId ? -1 : 1)
}
