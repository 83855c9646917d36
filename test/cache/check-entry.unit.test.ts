import { CACHE_LIMITS, type CacheValueType } from '../../src/cache/cache.js'
import { type CacheInput, checkEntry } from '../../src/cache/check-entry.js'
import type { Json } from '../../src/domain/json.js'

const NOW = new Date('2026-01-01T00:00:00.000Z')
const check = (change: Partial<CacheInput>) =>
  checkEntry({ key: 'k', value: 1, type: null, expiresInSeconds: null, ...change }, NOW)

function problemsOf(change: Partial<CacheInput>): string[] {
  const checked = check(change)
  return 'rejections' in checked ? checked.rejections.map(({ code, path }) => `${path.join('.')} ${code}`) : []
}

it.each<[Json, CacheValueType]>([
  ['x', 'STRING'],
  ['AAEC', 'STRING'],
  [1.5, 'NUMBER'],
  [false, 'BOOLEAN'],
  [[1], 'JSON'],
  [{ a: 1 }, 'JSON'],
])('takes %j for a %s when nobody says', (value, type) => {
  expect(check({ value })).toEqual({ key: 'k', type, text: JSON.stringify(value), expiresAt: null })
})

it('a value that does not fit its type is named so', () => {
  expect(problemsOf({ type: 'NUMBER', value: '1' })).toEqual(['value SCHEMA_VIOLATION'])
  expect(problemsOf({ type: 'STRING', value: 1 })).toEqual(['value SCHEMA_VIOLATION'])
  expect(problemsOf({ type: 'BOOLEAN', value: 0 })).toEqual(['value SCHEMA_VIOLATION'])
  expect(problemsOf({ type: 'BINARY', value: { a: 1 } })).toEqual(['value SCHEMA_VIOLATION'])
  expect(
    ['A', 'AAEC=', 'AA=C', 'A A=', '-_==', 'AAE'].flatMap((value) => problemsOf({ type: 'BINARY', value })),
  ).toEqual(Array(6).fill('value INVALID'))
  expect(['', 'AAEC', 'AAE=', 'AA==', '+/+/'].flatMap((value) => problemsOf({ type: 'BINARY', value }))).toEqual([])
  expect(problemsOf({ type: 'JSON', value: 'anything' })).toEqual([])
})

it('names everything that is wrong at once', () => {
  expect(problemsOf({ key: '-x', value: 1, type: 'STRING', expiresInSeconds: 0 })).toEqual([
    'key INVALID',
    'value SCHEMA_VIOLATION',
    'expiresInSeconds INVALID',
  ])
})

it('knows its limits', () => {
  const { keyLength, valueBytes } = CACHE_LIMITS
  expect(problemsOf({ key: 'k'.repeat(keyLength), value: 'x'.repeat(valueBytes - 2) })).toEqual([])
  expect(problemsOf({ key: 'k'.repeat(keyLength + 1), value: 'x'.repeat(valueBytes - 1) })).toEqual([
    'key INVALID',
    'value TOO_LARGE',
  ])
  expect(problemsOf({ value: 'ü'.repeat(valueBytes / 2) })).toEqual(['value TOO_LARGE'])
  expect(['', ' ', 'a b', '.a', 'ä', 'a\n'].flatMap((key) => problemsOf({ key }))).toEqual(Array(6).fill('key INVALID'))
  expect(['a', '0', '_', 'a.b:c/d-e'].flatMap((key) => problemsOf({ key }))).toEqual([])
})

it('counts its expiry from now', () => {
  expect(check({ expiresInSeconds: 90 })).toMatchObject({ expiresAt: new Date('2026-01-01T00:01:30.000Z') })
  expect(problemsOf({ expiresInSeconds: 315_360_001 })).toEqual(['expiresInSeconds INVALID'])
})
