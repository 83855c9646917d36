/** Whether what takes many minutes is wanted at its full size: DAGBOOK_TEST_LONG=1. */
export const IS_LONG = process.env.DAGBOOK_TEST_LONG === '1'

/** That size, or a smaller one that takes seconds. */
export function sized(full: number, small: number): number {
  return IS_LONG ? full : small
}
