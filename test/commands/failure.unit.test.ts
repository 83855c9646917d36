import { DatabaseError } from 'pg'
import { isOutage, retriesAfter } from '../../src/commands/failure.js'
import { AmbiguousCommitError } from '../../src/platform/transaction.js'

const coded = (code: string) => Object.assign(new Error(`read ${code}`), { code })
const stated = (code: string) => Object.assign(new DatabaseError('x', 1, 'error'), { code })

test.each([
  ...['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'ENOTCONN', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'ENOTFOUND'].map(coded),
  ...['ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END', 'ERR_SOCKET_CLOSED'].map(coded),
  ...['08006', '08P01', '25P03', '53300', '57P01', '57P03'].map(stated),
  ...['Connection terminated unexpectedly', 'timeout exceeded when trying to connect', 'Query read timeout'].map(Error),
  ...['Client has encountered a connection error and is not queryable', 'Client was closed and is not queryable'].map(
    Error,
  ),
  new AmbiguousCommitError({}),
])('%s: the database is away', (error) => {
  expect(isOutage(error)).toBe(true)
})

test.each([
  ...['23505', '40001', '40P01', '42P01', '57014'].map(stated),
  ...['ENOSPC', 'EACCES', 'ERR_STREAM_PREMATURE_CLOSE'].map(coded),
  new TypeError('x is not a function'),
  null,
])('%s is something else', (error) => {
  expect(isOutage(error)).toBe(false)
})

test.each([
  ['23505', 1],
  ['40001', 5],
  ['40P01', 5],
  ['23514', 0],
])('%s is worth %i more tries at once', (code, times) => {
  expect(retriesAfter(stated(code))).toBe(times)
})

test('what the database did not say is not tried again at once', () => {
  expect(retriesAfter(Object.assign(new Error('x'), { code: '40001' }))).toBe(0)
})
