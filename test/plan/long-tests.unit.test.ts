import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const PROJECT = path.resolve(import.meta.dirname, '../..')
const TESTS = path.join(PROJECT, 'test')
const { scripts } = JSON.parse(readFileSync(path.join(PROJECT, 'package.json'), 'utf8')) as {
  scripts: Readonly<Record<string, string>>
}
const LISTED = scripts['test:long']?.match(/test\/[\w/-]+/g) ?? []

/** What has a size at which it takes long. */
const sized = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && !file.startsWith('plan/'))
  .filter((file) => /\b(sized|IS_LONG)\b/.test(readFileSync(path.join(TESTS, file), 'utf8')))

it('some tests have a full size', () => {
  expect(sized.length).toBeGreaterThan(10)
})

it.each(sized)('npm run test:long has %s', (file) => {
  expect(LISTED.some((listed) => `test/${file}`.startsWith(`${listed}.`))).toBe(true)
})

it.each(LISTED)('of npm run test:long, %s has a full size', (listed) => {
  expect(sized.some((file) => `test/${file}`.startsWith(`${listed}.`))).toBe(true)
})
