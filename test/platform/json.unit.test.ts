import fc from 'fast-check'
import { CanonicalJsonError, canonicalJson } from '../../src/platform/json.js'

describe('canonicalJson', () => {
  it('writes the example of RFC 8785', () => {
    const value = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000f\nA\'B"\\\\"/',
      literals: [null, true, false],
    }
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  it('sorts keys by UTF-16 code units', () => {
    expect(canonicalJson({ '\ufb33': 1, '\ud83d\ude00': 2, '\u20ac': 3, a: 4, 1: 5 })).toBe(
      '{"1":5,"a":4,"\u20ac":3,"\ud83d\ude00":2,"\ufb33":1}',
    )
  })

  it('reads back as the same value and is stable', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = canonicalJson(value)
        expect(canonicalJson(JSON.parse(text))).toBe(text)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '\ud800', 1n])('refuses %p, however deep', (value) => {
    expect(() => canonicalJson(value)).toThrow(CanonicalJsonError)
    expect(() => canonicalJson({ deep: [{ value }] })).toThrow(CanonicalJsonError)
  })

  it('leaves out keys without a value, and refuses a value that is none', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}')
    expect(() => canonicalJson(undefined)).toThrow('Canonical JSON needs a JSON value: given undefined')
    expect(() => canonicalJson(() => 1)).toThrow(CanonicalJsonError)
  })

  it('refuses a circle', () => {
    const circle: { self?: unknown } = {}
    circle.self = circle
    expect(() => canonicalJson(circle)).toThrow(CanonicalJsonError)
  })
})
