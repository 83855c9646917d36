/**
 * For each task the tasks that run before it, directly or through others, as sets of bits: 10,000 tasks with 100,000
 * needs take 12.5 MB and 31 million operations (40 ms). The graph must have no cycle.
 */
export class Ancestors {
  readonly #words: number
  readonly #bits: Uint32Array

  constructor(needs: readonly (readonly number[])[]) {
    this.#words = Math.ceil(needs.length / 32)
    this.#bits = new Uint32Array(this.#words * needs.length)
    for (const ordinal of topological(needs)) {
      for (const need of needs[ordinal] as readonly number[]) this.#inherit(ordinal, need)
    }
  }

  /** Whether `other` runs before `ordinal`. */
  has(ordinal: number, other: number): boolean {
    return (((this.#bits[ordinal * this.#words + (other >>> 5)] as number) >>> (other & 31)) & 1) === 1
  }

  #inherit(ordinal: number, need: number): void {
    const to = ordinal * this.#words
    const from = need * this.#words
    for (let word = 0; word < this.#words; word++) {
      this.#bits[to + word] = (this.#bits[to + word] as number) | (this.#bits[from + word] as number)
    }
    const own = to + (need >>> 5)
    this.#bits[own] = (this.#bits[own] as number) | (1 << (need & 31))
  }
}

/** Ordinals in an order in which needs come first. */
function topological(needs: readonly (readonly number[])[]): number[] {
  const after: number[][] = needs.map(() => [])
  needs.forEach((list, ordinal) => {
    for (const need of list) (after[need] as number[]).push(ordinal)
  })
  const missing = needs.map((list) => list.length)
  const order = missing.flatMap((count, ordinal) => (count === 0 ? [ordinal] : []))
  for (const ordinal of order) {
    for (const next of after[ordinal] as number[]) {
      missing[next] = (missing[next] as number) - 1
      if (missing[next] === 0) order.push(next)
    }
  }
  return order
}
