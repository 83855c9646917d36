import fc from 'fast-check'
import { TypeID } from 'typeid-js'
import { decodeBase32, encodeBase32 } from '../../src/platform/base32.js'
import { deriveId, IdError, isId, newId, parseId } from '../../src/platform/ids.js'

const sixteenBytes = fc.uint8Array({ minLength: 16, maxLength: 16 })

describe('base32', () => {
  it('agrees with typeid-js in both directions, for any 16 bytes', () => {
    fc.assert(
      fc.property(sixteenBytes, (bytes) => {
        const text = encodeBase32(bytes)
        expect(text).toBe(TypeID.fromUUIDBytes('x', bytes).getSuffix())
        expect(decodeBase32(text)).toEqual(Buffer.from(bytes))
      }),
    )
  })

  it('decodes nothing but what encodes to the same text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 26, maxLength: 26, unit: fc.constantFrom(...'078zZoilu_-é') }), (text) => {
        const bytes = decodeBase32(text)
        expect(bytes === null || encodeBase32(bytes) === text).toBe(true)
      }),
    )
  })
})

describe('newId', () => {
  it('makes TypeIDs with UUIDs of version 7 that sort in the order they were made', () => {
    const ids = Array.from({ length: 2000 }, () => newId('run'))
    expect([...ids].sort()).toEqual(ids)
    expect(new Set(ids).size).toBe(2000)
    const { prefix, uuid } = parseId(ids[0] as string)
    expect(prefix).toBe('run')
    expect((uuid[6] as number) >> 4).toBe(7)
    expect((uuid[8] as number) >> 6).toBe(2)
    expect(Math.abs(uuid.readUIntBE(0, 6) - Date.now())).toBeLessThan(60_000)
  })

  it('refuses a prefix that TypeID has no room for', () => {
    for (const prefix of ['', 'Run', '_run', 'run_', 'r1', 'x'.repeat(64)]) {
      expect(() => newId(prefix)).toThrow(IdError)
    }
  })
})

describe('parseId', () => {
  it('reads the examples of the specification', () => {
    expect(parseId('prefix_01h455vb4pex5vsknk084sn02q')).toEqual({
      prefix: 'prefix',
      uuid: Buffer.from('01890a5dac96774bbcceb302099a8057', 'hex'),
    })
    expect(parseId('pre_fix_00000000000000000000000000').prefix).toBe('pre_fix')
    expect(parseId('max_7zzzzzzzzzzzzzzzzzzzzzzzzz').uuid.toString('hex')).toBe('f'.repeat(32))
  })

  it.each([
    '',
    'run',
    'run_',
    '_01h455vb4pex5vsknk084sn02q',
    '01h455vb4pex5vsknk084sn02q',
    'run_8zzzzzzzzzzzzzzzzzzzzzzzzz',
    'run_01H455VB4PEX5VSKNK084SN02Q',
    'run_01h455vb4pex5vsknk084sn02',
    'run_01h455vb4pex5vsknk084sn02qq',
    'run_01h455vb4pex5vsknk084sn02u',
    'run-01h455vb4pex5vsknk084sn02q',
    'Run_01h455vb4pex5vsknk084sn02q',
    'run_01h455vb4pex5vsknk084sn0é',
  ])('refuses %j', (text) => {
    expect(() => parseId(text)).toThrow(IdError)
    expect(isId(text, 'run')).toBe(false)
  })

  it('names the rule and the given text', () => {
    expect(() => parseId('nope')).toThrow('Id must be a prefix, "_" and 26 letters of base32, given "nope"')
  })
})

describe('isId', () => {
  it('accepts its own noun and no other', () => {
    expect(isId(newId('run'), 'run')).toBe(true)
    expect(isId(newId('run'), 'dag')).toBe(false)
    expect(isId(newId('x_run'), 'run')).toBe(false)
    expect(isId(undefined, 'run')).toBe(false)
  })
})

describe('deriveId', () => {
  const parent = 'run_01h455vb4pex5vsknk084sn02q'

  it.each([
    ['instance', 0, 'instance_01h455vb4phkdvddnzgxcq0r5a'],
    ['instance', 1, 'instance_01h455vb4pg8as5mf8v5gye49a'],
    ['instance', 4294967295, 'instance_01h455vb4pgvcrkx9f1wbzd7qw'],
    ['task', 0, 'task_01h455vb4phgzbzccvw6gqxafd'],
  ])('gives part %s %d the id it has for ever', (prefix, ordinal, expected) => {
    expect(deriveId(prefix, parent, ordinal)).toBe(expected)
  })

  it('keeps the timestamp and makes a UUID of version 8', () => {
    const { uuid } = parseId(deriveId('instance', parent, 7))
    expect(uuid.subarray(0, 6)).toEqual(parseId(parent).uuid.subarray(0, 6))
    expect((uuid[6] as number) >> 4).toBe(8)
    expect((uuid[8] as number) >> 6).toBe(2)
  })

  it('gives 10,000 parts 10,000 ids', () => {
    expect(new Set(Array.from({ length: 10_000 }, (_, i) => deriveId('instance', parent, i))).size).toBe(10_000)
  })

  it('refuses a malformed parent and an ordinal beyond 32 bits', () => {
    expect(() => deriveId('instance', 'run_1', 0)).toThrow(IdError)
    for (const ordinal of [-1, 0.5, Number.NaN, 2 ** 32])
      expect(() => deriveId('instance', parent, ordinal)).toThrow(RangeError)
  })
})
