/** How large storms are: DAGBOOK_TEST_SCALE, default 1, which takes seconds on two busy cores. */
export const SCALE = Number(process.env.DAGBOOK_TEST_SCALE ?? 1)

export function scaled(count: number): number {
  return Math.max(1, Math.round(count * SCALE))
}
