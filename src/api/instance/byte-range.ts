/** The bytes to send: from the first to before the last. */
export interface ByteRange {
  readonly from: number
  readonly to: number
}

/**
 * What a Range header (RFC 9110) asks of so many bytes: one range; null where there is no header, or one that may be
 * ignored (several ranges, another unit, nonsense); `unsatisfiable` where it lies outside.
 */
export function byteRange(header: string | undefined, length: number): ByteRange | 'unsatisfiable' | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '')
  if (match === null) return null
  const [, first, last] = match as unknown as [string, string, string]
  if (first === '' && last === '') return null
  if (first === '') {
    const count = Math.min(Number(last), length)
    return count === 0 ? 'unsatisfiable' : { from: length - count, to: length }
  }
  if (last !== '' && Number(last) < Number(first)) return null
  if (Number(first) >= length) return 'unsatisfiable'
  return { from: Number(first), to: last === '' ? length : Math.min(Number(last) + 1, length) }
}
