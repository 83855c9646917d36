import { setImmediate } from 'node:timers/promises'

/** About 5 ms of work for the slowest of the readers. */
const PIECE = 16_384

/** Hands a text on piece by piece, so that nothing else of this process has to wait until it is read. */
export async function inPieces(text: string, take: (piece: string) => void): Promise<void> {
  for (let at = 0; at < text.length; at += PIECE) {
    if (at > 0) await setImmediate()
    take(text.slice(at, at + PIECE))
  }
}
