import { CACHE_LIMITS, type CacheRow, type NewCacheEntry, type RunCache } from '../../src/cache/cache.js'
import { newId } from '../../src/platform/ids.js'

const NOW = new Date('2026-01-01T00:00:00.000Z')
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000)

/** What every cache promises, whatever keeps it. */
export function cacheContract(cacheOf: () => RunCache): void {
  let runId: string
  beforeEach(() => {
    runId = newId('run')
  })

  const set = (key: string, value: unknown, more: Partial<NewCacheEntry> = {}, now = NOW) =>
    cacheOf().set({ runId, key, type: 'JSON', text: JSON.stringify(value), expiresAt: null, ...more }, now)
  const get = async (key: string, now = NOW) => (await cacheOf().getMany([{ runId, key }], now)).values().next().value
  const keys = async (now = NOW) => ((await cacheOf().list([runId], now)).get(runId) ?? []).map(({ key }) => key)

  it.each([
    ['STRING', 'text with \u0000-free "quotes", ünïcode and 😀'],
    ['NUMBER', -12.5],
    ['BOOLEAN', false],
    ['JSON', { b: [1, null, 'x'], a: {} }],
    ['BINARY', 'AAEC/w=='],
  ] as const)('gives back a %s as it was set', async (type, value) => {
    const stored = { runId, key: 'k', type, value, expiresAt: null, createdAt: NOW, updatedAt: NOW }
    expect(await set('k', value, { type })).toEqual(stored)
    expect(await get('k')).toEqual(stored)
  })

  it('a key that is set again has the new value, and keeps the time of its first', async () => {
    await set('k', 1)
    await set('k', 'two', { type: 'STRING' }, later(5))
    expect(await get('k')).toMatchObject({ type: 'STRING', value: 'two', createdAt: NOW, updatedAt: later(5) })
  })

  it('what has expired is not answered any more, and is a new entry when it is set again', async () => {
    await set('k', 1, { expiresAt: later(10) })
    await set('stays', 2)
    expect(await get('k', later(9.999))).toMatchObject({ value: 1, expiresAt: later(10) })
    expect(await get('k', later(10))).toBe(undefined)
    await set('again', 1, { expiresAt: later(10) })
    expect(await keys(later(10))).toEqual(['stays'])
    await set('gone', 1, { expiresAt: later(10) })
    expect(await cacheOf().delete({ runId, key: 'gone' }, later(10))).toBe(null)
    await set('anew', 1, { expiresAt: later(10) })
    expect(await set('anew', 2, {}, later(20))).toMatchObject({ createdAt: later(20), expiresAt: null })
  })

  it('runs see their own entries, in the order of the keys', async () => {
    const other = newId('run')
    for (const key of ['b', 'B', 'a/1', 'a', '_']) await set(key, key)
    await cacheOf().set({ runId: other, key: 'a', type: 'JSON', text: '"other"', expiresAt: null }, NOW)
    const lists = await cacheOf().list([runId, other, newId('run')], NOW)
    expect(lists.get(runId)?.map(({ key }) => key)).toEqual(['B', '_', 'a', 'a/1', 'b'])
    expect(lists.get(other)?.map(({ value }) => value)).toEqual(['other'])
    expect(lists.size).toBe(2)
  })

  it('many keys of several runs are read at once, and what is not there is left out', async () => {
    const other = newId('run')
    await set('a', 1)
    await cacheOf().set({ runId: other, key: 'a', type: 'JSON', text: '2', expiresAt: null }, NOW)
    const asked = [runId, other].flatMap((of) => ['a', 'b'].map((key) => ({ runId: of, key })))
    const found = await cacheOf().getMany(asked, NOW)
    expect([...found].map(([key, { value }]) => [key, value]).sort()).toEqual(
      [
        [`${runId}/a`, 1],
        [`${other}/a`, 2],
      ].sort(),
    )
  })

  it('answers what it deletes, and nothing where nothing was', async () => {
    await set('k', 1)
    expect(await cacheOf().delete({ runId, key: 'k' }, NOW)).toMatchObject({ key: 'k', value: 1 })
    expect(await get('k')).toBe(undefined)
    expect(await cacheOf().delete({ runId, key: 'k' }, NOW)).toBe(null)
  })

  it('a run has at most so many entries, however many are set at once; one that is there can be changed', async () => {
    const { entries } = CACHE_LIMITS
    const all: (CacheRow | string)[] = []
    for (let at = 0; at < entries - 20; at += 98) {
      all.push(
        ...(await Promise.all(Array.from({ length: Math.min(98, entries - 20 - at) }, (_, n) => set(`k${at + n}`, 1)))),
      )
    }
    expect(all.filter((each) => typeof each === 'string')).toEqual([])
    const last = await Promise.all(Array.from({ length: 40 }, (_, n) => set(`last${n}`, 1)))
    expect(last.filter((each) => each === 'ENTRIES')).toHaveLength(20)
    expect(await keys()).toHaveLength(entries)
    expect(await set('k0', 2)).toMatchObject({ value: 2 })
  })

  it('what has expired counts for no limit', async () => {
    const big = 'x'.repeat(CACHE_LIMITS.valueBytes - 2)
    for (let n = 0; n < 16; n += 1) await set(`k${n}`, big, { expiresAt: n === 3 ? later(10) : null })
    expect(await set('more', 1)).toBe('BYTES')
    expect(await set('k0', big)).toMatchObject({ key: 'k0' })
    expect(await set('more', 1, {}, later(10))).toMatchObject({ key: 'more' })
  })
}
