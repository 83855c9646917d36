import fc from 'fast-check'
import { checkStorable, MAX_OUTPUT_BYTES, OutputError, readOutput } from '../../src/engines/read-output.js'
import { canonicalJson } from '../../src/platform/json.js'

const read = (text: string) => readOutput(Buffer.from(text))

describe('what a task wrote to $DAGBOOK_OUTPUT', () => {
  it.each([
    ['an object', '{"rows": 3, "files": ["a", "b"]}', { rows: 3, files: ['a', 'b'] }],
    ['a number', '42\n', 42],
    ['a text', '"done"', 'done'],
    ['null', 'null', null],
    ['lines of KEY=VALUE', 'rows=3\nfile=a=b c\n', { rows: '3', file: 'a=b c' }],
    ['comments, empty lines and CRLF among them', '# rows\r\n\r\nrows=3\r\n   \r\n', { rows: '3' }],
    ['an empty value', 'rows=', { rows: '' }],
    ['a value with what JavaScript takes for a line’s end', 'a=x\u2028y\u2029\rz', { a: 'x\u2028y\u2029\rz' }],
    ['the last of two values', 'rows=1\nrows=2', { rows: '2' }],
    ['a byte order mark', '\uFEFF{"rows": 3}', { rows: 3 }],
    ['white space', ' \n\t\n', null],
  ])('is %s', (_, text, expected) => {
    expect(read(text)).toEqual(expected)
  })

  it('is null when nothing was written', () => {
    expect([readOutput(null), readOutput(Buffer.alloc(0))]).toEqual([null, null])
  })

  it('keeps a key that means something to JavaScript', () => {
    expect(canonicalJson(read('__proto__=x\nconstructor=y'))).toBe('{"__proto__":"x","constructor":"y"}')
    expect(canonicalJson(read('{"__proto__": {"a": 1}}'))).toBe('{"__proto__":{"a":1}}')
  })

  it.each([
    ['is neither', 'rows=3\nand some prose', 'line 2 is "and some prose"'],
    ['is broken JSON', '{"rows": 3', 'line 1 is "{\\"rows\\": 3"'],
    ['has a key that is no name', 'a b=3', 'line 1 is "a b=3"'],
  ])('is refused where it %s, with the line', (_, text, part) => {
    expect(() => read(text)).toThrow(new OutputError(`The output is neither JSON nor lines of KEY=VALUE: ${part}`))
  })

  it('quotes no half of a character in the message', () => {
    const line = `${'x'.repeat(79)}😀`
    expect(errorOf(() => read(line)).isWellFormed()).toBe(true)
  })

  it.each([
    ['invalid UTF-8', () => readOutput(Buffer.from([0x22, 0xff, 0x22])), 'not valid UTF-8'],
    ['NUL', () => read('a=x\0y'), 'NUL'],
    ['NUL in a key', () => read('{"a\\u0000": 1}'), 'NUL'],
    ['half a surrogate pair', () => read('["\\ud83d"]'), 'half a surrogate pair'],
    ['a number beyond all numbers', () => read('{"a": 1e999}'), 'too large to be stored'],
    ['101 levels', () => read(`${'['.repeat(101)}1${']'.repeat(101)}`), 'deeper than 100 levels'],
    ['400,000 levels', () => read('['.repeat(400_000) + ']'.repeat(400_000)), 'deeper than 100 levels'],
    ['a byte too many', () => readOutput(Buffer.alloc(MAX_OUTPUT_BYTES + 1, 'x')), 'more than 1000000 bytes'],
    ['more bytes as JSON', () => read(`a=${'\u0001'.repeat(MAX_OUTPUT_BYTES / 4)}`), 'more than 1000000 bytes'],
  ])('is refused with %s', (_, act, part) => {
    expect(errorOf(act)).toContain(part)
  })

  it('may have 1,000,000 bytes and 100 levels', () => {
    expect(read(`"${'x'.repeat(MAX_OUTPUT_BYTES - 2)}"`)).toHaveLength(MAX_OUTPUT_BYTES - 2)
    expect(() => read(`${'['.repeat(100)}1${']'.repeat(100)}`)).not.toThrow()
  })

  it('comes back from the journal as it was, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value)
        fc.pre(!text.includes('\\u0000') && text.isWellFormed() && !/\\ud[89a-f]/i.test(text))
        expect(JSON.parse(canonicalJson(read(text)))).toEqual(JSON.parse(text))
      }),
    )
  })

  it('is refused or can be stored, whatever bytes it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          canonicalJson(readOutput(Buffer.from(bytes)))
        } catch (error) {
          expect(error).toBeInstanceOf(OutputError)
        }
      }),
    )
  })
})

describe('what nobody is to see', () => {
  const SECRET = `s3"cret${'x'.repeat(100)}`
  const mask = (text: string) => text.replaceAll(SECRET, '***')

  it('is taken out of lines of KEY=VALUE before they are read', () => {
    expect(readOutput(Buffer.from(`token=${SECRET}\n`), mask)).toEqual({ token: '***' })
  })

  it('is in no error message, neither cut nor escaped', () => {
    expect(errorOf(() => readOutput(Buffer.from(`${SECRET}\n`), mask))).toContain('line 1 is "***"')
  })
})

describe('checkStorable', () => {
  it('lets every storable value pass', () => {
    expect(() => checkStorable({ a: [1, 'ü😀', null, true, { b: -0.5 }] })).not.toThrow()
  })
})

function errorOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(OutputError)
    return (error as Error).message
  }
  throw new Error('Nothing was thrown')
}
