import { EXIT } from '../../src/exit-code.js'
import { backoffMs } from '../../src/graphql/backoff.js'
import { failureOf, refuseUserErrors } from '../../src/graphql/failure-of.js'
import { firstNodes } from '../../src/graphql/pages.js'
import { expiryOf, isStale } from '../../src/session/token-expiry.js'

test.each([
  ['UNAUTHENTICATED', EXIT.NOT_ALLOWED],
  ['FORBIDDEN', EXIT.NOT_ALLOWED],
  ['NOT_FOUND', EXIT.NOT_FOUND],
  ['BAD_USER_INPUT', EXIT.REFUSED],
  ['CONFLICT', EXIT.REFUSED],
  ['POSITION_ARCHIVED', EXIT.REFUSED],
  ['RATE_LIMITED', EXIT.SERVER],
  ['GRAPHQL_VALIDATION_FAILED', EXIT.SERVER],
  ['INTERNAL', EXIT.SERVER],
])('a GraphQL error %s ends with exit code %d', (code, exitCode) => {
  expect(failureOf({ message: 'm', extensions: { code } }, 'http://x').exitCode).toBe(exitCode)
})

test('user errors are refusals, or not found when something named is missing', () => {
  const error = { message: 'Name: taken', code: 'TAKEN', path: ['input', 'name'] }
  expect(() => refuseUserErrors({ userErrors: [] }, 'dagbook x')).not.toThrow()
  expect(() => refuseUserErrors({ userErrors: [error] }, 'dagbook x')).toThrow('Name: taken (TAKEN at input.name)')
  expect(() => refuseUserErrors({ userErrors: [{ ...error, code: 'NOT_FOUND' }] }, 'dagbook x')).toThrow(
    expect.objectContaining({ exitCode: EXIT.NOT_FOUND }),
  )
})

test('waits double from 100 ms to 10 s, and are spread over their second half', () => {
  expect([1, 2, 3, 8, 50].map((failures) => backoffMs(failures, 1))).toEqual([100, 200, 400, 10_000, 10_000])
  expect(backoffMs(3, 0)).toBe(200)
})

test('pages are read until the limit or the end', async () => {
  const all = Array.from({ length: 25 }, (_, at) => at)
  const asked: number[] = []
  const read = async (first: number, after: string | null) => {
    asked.push(first)
    const from = after === null ? 0 : Number(after)
    const end = Math.min(from + first, all.length)
    return { nodes: all.slice(from, end), pageInfo: { hasNextPage: end < all.length, endCursor: String(end) } }
  }
  expect(await firstNodes(12, 10, read)).toHaveLength(12)
  expect(asked).toEqual([10, 2])
  expect(await firstNodes(100, 10, read)).toEqual(all)
})

test("a token's own end counts before the stated one, and it is stale half a minute before", () => {
  const payload = Buffer.from(JSON.stringify({ exp: 1_000 })).toString('base64url')
  expect(expiryOf(`h.${payload}.s`, '2030-01-01T00:00:00Z')).toBe('1970-01-01T00:16:40.000Z')
  expect(expiryOf('opaque', '2030-01-01T00:00:00Z')).toBe('2030-01-01T00:00:00Z')
  expect(isStale('2026-01-01T00:00:00Z', Date.parse('2025-12-31T23:59:29Z'))).toBe(false)
  expect(isStale('2026-01-01T00:00:00Z', Date.parse('2025-12-31T23:59:30Z'))).toBe(true)
})
