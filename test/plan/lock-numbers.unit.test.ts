import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Numbers of advisory locks: all begin alike, so that they meet no other program's. */
const NUMBER = /7_?310_?579_?\d{3}/g
/** Those that several places mean as one lock. */
const SHARED = new Set(['7310579001'])

test('no two locks have one number', () => {
  const places = new Map<string, string[]>()
  const filesOf = (folder: string) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => path.join(folder, name))
  for (const file of [...filesOf('src'), ...filesOf('migrations')].filter((name) => name.endsWith('.ts'))) {
    for (const [text] of readFileSync(file, 'utf8').matchAll(NUMBER)) {
      const number = text.replaceAll('_', '')
      places.set(number, [...(places.get(number) ?? []), file])
    }
  }
  expect(places.size).toBeGreaterThan(4)
  const twice = [...places].filter(([number, files]) => files.length > 1 && !SHARED.has(number))
  expect(twice).toEqual([])
})
