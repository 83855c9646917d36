/** Whether two values of one type say the same, in whatever order; of values without cycles whose inner keys come in one order. */
export function isSame(one: object, other: object | null): boolean {
  if (other === null) return false
  const entries = (value: object) => JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  return entries(one) === entries(other)
}
