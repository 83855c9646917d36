/** What is known of how long a task takes, in seconds. */
export interface Known {
  /** Of earlier runs: the median; null: it never succeeded. */
  readonly usual: number | null
  /** In this run; null: it has not succeeded. */
  readonly taken: number | null
}

/** How long each is expected to take: as it took, as it usually does, or else as the mean of the others; null: nothing is known. */
export function expectedSeconds(tasks: readonly Known[]): number[] | null {
  const known = tasks.map(({ usual, taken }) => taken ?? usual)
  const values = known.filter((value) => value !== null)
  if (values.length === 0) return null
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return known.map((value) => value ?? mean)
}
