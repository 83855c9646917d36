/** How often in a row a claim may pass over a run before it waits for it. */
const PATIENCE = 3

/** Runs that claims wanted and passed over, because somebody else held their streams at that moment. */
export class Skips {
  #counts: ReadonlyMap<string, number> = new Map()

  /** Those whose turn it is: the next claim waits for their streams, with its first lock. */
  overdue(): string[] {
    return [...this.#counts].filter(([, count]) => count >= PATIENCE).map(([id]) => id)
  }

  /** What a claim wanted, and whether it got it. Who is no longer wanted is forgotten. */
  note(wanted: Iterable<string>, isLocked: (id: string) => boolean): void {
    const counts = new Map<string, number>()
    for (const id of wanted) if (!isLocked(id)) counts.set(id, (this.#counts.get(id) ?? 0) + 1)
    this.#counts = counts
  }
}
