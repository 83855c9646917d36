import { LRUCache } from 'lru-cache'
import type { Candidate } from './candidate.js'

/** Of queues and projects: who is forgotten has never had its turn. */
const MAX_REMEMBERED = 200

/**
 * When this process last started something of a project in a queue. Who holds equally much takes turns, so none starves behind one that has queued thousands before it. Each process counts by itself: a project is
 * passed over by each of them at most once for each of the others.
 */
export class Turns {
  readonly #last = new LRUCache<string, number>({ max: MAX_REMEMBERED })
  #count = 0

  /** 0: never. */
  of({ queue, projectId }: Pick<Candidate, 'queue' | 'projectId'>): number {
    return this.#last.get(keyOf(queue, projectId)) ?? 0
  }

  /** As `look_for_work` takes it. */
  toJson(): string {
    return JSON.stringify(Object.fromEntries(this.#last.entries()))
  }

  /** Who was chosen, in order. */
  note(chosen: readonly Candidate[]): void {
    for (const { queue, projectId } of chosen) {
      this.#count += 1
      this.#last.set(keyOf(queue, projectId), this.#count)
    }
  }
}

function keyOf(queue: string, projectId: string): string {
  return `${queue}/${projectId}`
}
