import type { Reader } from '../list.js'
import { type Cut, cutEntries } from './cut-entries.js'
import { type AttemptKey, readChunks, readEndOffset } from './read-chunks.js'

export interface SliceRequest extends AttemptKey {
  /** Exclusive: as many bytes are known already. */
  readonly afterOffset: number
  readonly maxBytes: number
  /** The attempt has ended, and with it its output. */
  readonly hasEnded: boolean
}

export interface Slice extends Cut {
  /** The attempt has ended and nothing comes after `endOffset`. */
  readonly isComplete: boolean
}

/** A character has up to four bytes: a slice of fewer might never get on. */
const LEAST_BYTES = 4

/** The next piece of an attempt's output, as text. */
export async function readSlice(db: Reader, request: SliceRequest): Promise<Slice> {
  const { afterOffset, hasEnded } = request
  const to = afterOffset + Math.max(request.maxBytes, LEAST_BYTES)
  const chunks = await readChunks(db, request, afterOffset, to)
  const last = chunks.at(-1)
  const collected = last === undefined ? afterOffset : last.byteOffset + last.bytes.length
  // The range was not filled, or just filled: only the journal of chunks knows whether more lies behind it.
  const end = collected < to ? collected : await readEndOffset(db, request)
  const cut = cutEntries(chunks, afterOffset, to, hasEnded && collected >= end)
  return { ...cut, isComplete: hasEnded && cut.endOffset >= end }
}
