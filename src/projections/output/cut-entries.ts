import type { OutputChunk } from './read-chunks.js'

/** A piece of an attempt's output as text. */
export interface LogEntry {
  /** Behind its last byte, in the bytes of all streams: where reading goes on. */
  readonly offset: number
  readonly stream: OutputChunk['stream']
  readonly text: string
  readonly recordedAt: Date
}

export interface Cut {
  readonly entries: readonly LogEntry[]
  readonly endOffset: number
}

/**
 * Chunks as text from one offset to another. A character is never torn: one that is split over two chunks of a stream
 * belongs to the first of them, and one that is not whole at `to`, or not whole yet at the end of what is there, is left
 * for the next time (`isFinal`: nothing comes any more, so it is shown as it is; as it is where the other stream goes on). Bytes that are no UTF-8 become U+FFFD.
 */
export function cutEntries(chunks: readonly OutputChunk[], from: number, to: number, isFinal: boolean): Cut {
  const entries: LogEntry[] = []
  let endOffset = from
  for (const [index, chunk] of chunks.entries()) {
    const mayWait = !isFinal && chunks.slice(index + 1).every(({ stream }) => stream === chunk.stream)
    const piece = pieceOf(chunk, from, to, mayWait)
    endOffset = Math.max(endOffset, piece.endOffset)
    if (piece.bytes.length > 0) {
      const text = piece.bytes.toString('utf8')
      entries.push({ offset: piece.endOffset, stream: chunk.stream, text, recordedAt: chunk.recordedAt })
    }
    if (piece.isWaiting) break
  }
  return { entries, endOffset }
}

interface Piece {
  readonly bytes: Buffer
  readonly endOffset: number
  /** The rest of its last character has not come yet. */
  readonly isWaiting: boolean
}

function pieceOf(chunk: OutputChunk, from: number, to: number, mayWait: boolean): Piece {
  const { bytes, byteOffset, behind } = chunk
  let start = Math.max(from - byteOffset, 0)
  if (start === 0) start = Math.min(missingBytes(chunk.before), continuationBytes(bytes))
  const piece = (end: number, isWaiting: boolean): Piece => {
    const last = Math.max(end, start)
    return { bytes: bytes.subarray(start, last), endOffset: byteOffset + last, isWaiting }
  }
  const end = to - byteOffset
  if (end < bytes.length) return piece(end - begunBytes(bytes.subarray(0, end)), false)
  const own = bytes.subarray(start)
  const begun = begunBytes(own)
  if (begun === 0) return piece(bytes.length, false)
  const missing = missingBytes(own)
  const rest = behind.subarray(0, Math.min(missing, continuationBytes(behind)))
  const isTorn = rest.length < missing && rest.length === behind.length
  if (isTorn && mayWait) return piece(bytes.length - begun, true)
  return { bytes: Buffer.concat([own, rest]), endOffset: byteOffset + bytes.length, isWaiting: false }
}

/** How many bytes a character has that begins with this one; 0 for a byte that begins none of several. */
function widthOf(byte: number): number {
  if (byte >= 0xf0 && byte <= 0xf4) return 4
  if (byte >= 0xe0 && byte <= 0xef) return 3
  return byte >= 0xc2 && byte <= 0xdf ? 2 : 0
}

/** How many of the last bytes belong to a character that is not whole. */
function begunBytes(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] as number
    if ((byte & 0xc0) !== 0x80) return widthOf(byte) > back ? back : 0
  }
  return 0
}

/** How many bytes that character still lacks. */
function missingBytes(bytes: Buffer): number {
  const begun = begunBytes(bytes)
  return begun === 0 ? 0 : widthOf(bytes[bytes.length - begun] as number) - begun
}

/** How many of the first bytes, up to three, only go on with a character. */
function continuationBytes(bytes: Buffer): number {
  let count = 0
  while (count < 3 && count < bytes.length && ((bytes[count] as number) & 0xc0) === 0x80) count += 1
  return count
}
