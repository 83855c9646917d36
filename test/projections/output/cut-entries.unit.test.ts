import fc from 'fast-check'
import { cutEntries } from '../../../src/projections/output/cut-entries.js'
import type { OutputChunk } from '../../../src/projections/output/read-chunks.js'

type Stream = OutputChunk['stream']
const AT = new Date(0)

/** What was collected piece by piece, as the table has it. */
function chunksOf(pieces: readonly { stream: Stream; bytes: Buffer }[]): OutputChunk[] {
  let byteOffset = 0
  return pieces.map(({ stream, bytes }, index) => {
    const own = (from: number, to?: number) =>
      pieces
        .slice(from, to)
        .filter((piece) => piece.stream === stream)
        .map((piece) => piece.bytes)
    const chunk = {
      byteOffset,
      stream,
      bytes,
      recordedAt: AT,
      before: Buffer.concat(own(0, index)).subarray(-3),
      behind: Buffer.concat(own(index + 1)).subarray(0, 3),
    }
    byteOffset += bytes.length
    return chunk
  })
}

/** The chunks that hold a range of bytes, as the query answers them. */
function within(chunks: readonly OutputChunk[], from: number, to: number): OutputChunk[] {
  return chunks.filter(
    ({ byteOffset, bytes }) => byteOffset < to && (byteOffset + bytes.length > from || byteOffset === from),
  )
}

function readAll(chunks: readonly OutputChunk[], maxBytes: number): Map<Stream, string> {
  const texts = new Map<Stream, string>()
  const last = chunks.at(-1)
  const end = last === undefined ? 0 : last.byteOffset + last.bytes.length
  for (let from = 0; from < end; ) {
    const { entries, endOffset } = cutEntries(
      within(chunks, from, from + maxBytes),
      from,
      from + maxBytes,
      from + maxBytes >= end,
    )
    for (const { stream, text } of entries) texts.set(stream, (texts.get(stream) ?? '') + text)
    if (endOffset <= from) throw new Error(`Stands still at ${from} of ${end}`)
    from = endOffset
  }
  return texts
}

/** Cuts a stream's bytes anywhere. */
function pieces(text: string, sizes: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text)
  const parts: Buffer[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] as number
    parts.push(bytes.subarray(at, at + size))
    at += size
  }
  return parts
}

const anyText = fc.string({ unit: fc.constantFrom('a', 'é', '€', '𝄞', '\n', '漢'), maxLength: 60 })
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })

test('slices of any size put together are the text of each stream, whatever the pieces it was collected in', () => {
  fc.assert(
    fc.property(
      anyText,
      anyText,
      sizes,
      fc.array(fc.boolean(), { maxLength: 80 }),
      fc.integer({ min: 4, max: 40 }),
      (out, err, cut, turns, max) => {
        const left = { STDOUT: pieces(out, cut), STDERR: pieces(err, cut) }
        const order: { stream: Stream; bytes: Buffer }[] = []
        for (let turn = 0; left.STDOUT.length + left.STDERR.length > 0; turn += 1) {
          const wanted = turns[turn % Math.max(turns.length, 1)] === true ? 'STDERR' : 'STDOUT'
          const stream = left[wanted].length > 0 ? wanted : wanted === 'STDERR' ? 'STDOUT' : 'STDERR'
          order.push({ stream, bytes: left[stream].shift() as Buffer })
        }
        const texts = readAll(chunksOf(order), max)
        expect(texts.get('STDOUT') ?? '').toBe(out)
        expect(texts.get('STDERR') ?? '').toBe(err)
      },
    ),
    { numRuns: 2_000 },
  )
})

test('half a character at the end waits for its rest, and is shown as it is once nothing comes any more', () => {
  const chunks = chunksOf([{ stream: 'STDOUT', bytes: Buffer.from([0x61, 0xe2, 0x82]) }])
  expect(cutEntries(chunks, 0, 100, false)).toMatchObject({ endOffset: 1, entries: [{ text: 'a', offset: 1 }] })
  expect(cutEntries(chunks, 1, 101, false)).toMatchObject({ endOffset: 1, entries: [] })
  expect(cutEntries(chunks, 0, 100, true)).toMatchObject({ endOffset: 3, entries: [{ text: 'a\ufffd' }] })
})

test('bytes that are no UTF-8 become U+FFFD and stop nothing', () => {
  const bytes = Buffer.from([0xff, 0x61, 0x80, 0x80, 0x80, 0x80, 0x62])
  const { entries, endOffset } = cutEntries(chunksOf([{ stream: 'STDERR', bytes }]), 0, 100, true)
  expect(entries.map(({ text }) => text)).toEqual(['\ufffda\ufffd\ufffd\ufffd\ufffdb'])
  expect(endOffset).toBe(7)
})

test('a character that comes byte by byte is waited for, and held up by nothing once the other stream goes on', () => {
  const euro = [...Buffer.from('€')].map((byte) => ({ stream: 'STDOUT' as Stream, bytes: Buffer.from([byte]) }))
  expect(cutEntries(chunksOf(euro.slice(0, 2)), 0, 100, false)).toEqual({ entries: [], endOffset: 0 })
  expect(cutEntries(chunksOf(euro), 0, 100, false)).toMatchObject({ endOffset: 3, entries: [{ text: '€' }] })
  const other = { stream: 'STDERR' as Stream, bytes: Buffer.from('b') }
  const torn = cutEntries(chunksOf([euro[0]!, other]), 0, 100, false)
  expect(torn).toMatchObject({ endOffset: 2, entries: [{ text: '\ufffd' }, { text: 'b' }] })
})
