import fc from 'fast-check'
import { Mask } from '../../src/dispatcher/mask.js'

/** The stream as it is stored, cut at these places, and how much of it was accounted for. */
function masked(text: Buffer, secrets: readonly string[], cuts: readonly number[]): { stored: string; source: number } {
  const masker = new Mask(secrets).stream()
  const places = [...cuts.map((cut) => cut % (text.length + 1)), 0, text.length].sort((a, b) => a - b)
  const parts = places.slice(1).map((to, index) => masker.push(text.subarray(places[index] as number, to)))
  parts.push(masker.end())
  return {
    stored: Buffer.concat(parts.map(({ bytes }) => bytes)).toString('latin1'),
    source: parts.reduce((sum, { sourceLength }) => sum + sourceLength, 0),
  }
}

// Few letters, so that secrets occur, overlap and begin without going on.
const letters = fc.stringMatching(/^[ab]{1,6}$/)
const texts = fc.array(fc.oneof(letters, fc.constantFrom('x', '-')), { maxLength: 30 }).map((parts) => parts.join(''))
const cutsAt = fc.array(fc.nat(200), { maxLength: 12 })

/** Byte by byte: which of them belong to a secret, and where a mask begins that no other one reaches into. */
function maskedSlowly(text: string, secrets: readonly string[]): string {
  let stored = ''
  let end = 0
  for (let at = 0; at < text.length; at += 1) {
    const longest = Math.max(0, ...secrets.filter((each) => text.startsWith(each, at)).map(({ length }) => length))
    if (longest > 0 && at >= end) stored += '***'
    end = Math.max(end, at + longest)
    if (at >= end) stored += text[at]
  }
  return stored
}

it('wherever the stream is cut, it is masked as if it came whole', () => {
  fc.assert(
    fc.property(texts, fc.array(letters, { minLength: 1, maxLength: 3 }), cutsAt, (text, secrets, cuts) => {
      const stored = maskedSlowly(text, secrets)
      expect(masked(Buffer.from(text), secrets, cuts)).toEqual({ stored, source: text.length })
    }),
    { numRuns: 1_000 },
  )
})

it('no secret is left, and every byte is accounted for', () => {
  fc.assert(
    fc.property(texts, fc.array(letters, { minLength: 1, maxLength: 3 }), cutsAt, (text, secrets, cuts) => {
      const { stored, source } = masked(Buffer.from(text), secrets, cuts)
      for (const secret of secrets) expect(stored).not.toContain(secret)
      expect(source).toBe(Buffer.byteLength(text))
    }),
    { numRuns: 1_000 },
  )
})

it('text without a secret stays as it is, bytes that are no text too', () => {
  const bytes = Buffer.from([0xff, 0, 0xc3, 0x28, 10])
  expect(masked(bytes, ['s3cret'], [1, 3]).stored).toBe(bytes.toString('latin1'))
  expect(new Mask(['s3cret', '']).text('nothing here')).toBe('nothing here')
})

it('secrets that overlap are one mask, and what follows is seen again', () => {
  expect(new Mask(['abcb', 'bcd']).text('xabcbcdx')).toBe('x***x')
  expect(new Mask(['hunter2']).text('password=hunter2;')).toBe('password=***;')
})

it('what may be the beginning of a secret waits until it is known', () => {
  const masker = new Mask(['hunter2']).stream()
  expect(masker.push(Buffer.from('a hunt')).bytes.toString()).toBe('a ')
  expect(masker.push(Buffer.from('ing hunter')).bytes.toString()).toBe('hunting ')
  expect(masker.push(Buffer.from('2!')).bytes.toString()).toBe('***!')
  expect(masker.end()).toEqual({ bytes: Buffer.alloc(0), sourceLength: 0 })
})

it('values are masked in names, texts and numbers', () => {
  const value = { 'key-4711': ['is 4711', 4711, 47110, true, null] }
  expect(new Mask(['4711']).json(value)).toEqual({ 'key-***': ['is ***', '***', 47110, true, null] })
})

it('takes a time that grows with the text alone, whatever it looks like', () => {
  const secrets = ['a'.repeat(100_000), `b${'a'.repeat(100_000)}`, `${'a'.repeat(100_000)}b`]
  const text = Buffer.from('a'.repeat(4_000_000))
  // Place by place it would be 10^11 comparisons.
  expect(masked(text, secrets, [])).toEqual({ stored: '***', source: text.length })
})
