import 'reflect-metadata'
import { GraphQLError, locatedError } from 'graphql'
import { DatabaseError } from 'pg'
import { ForbiddenError, UnauthenticatedError } from '../../src/api/api-error.js'
import { BadInputError } from '../../src/api/bad-input-error.js'
import { formatError } from '../../src/api/errors.js'
import { constraintErrors } from '../../src/api/user-error.js'
import { IdempotencyConflictError } from '../../src/commands/command.js'
import { createLogger } from '../../src/platform/logger.js'
import { TimetableTooSlowError } from '../../src/timetable/walk.js'

const lines: string[] = []
const logger = createLogger({ level: 'info', destination: { write: (line) => lines.push(line) }, isPlain: false })
const thrown = (cause: Error) => new GraphQLError(cause.message, { originalError: cause, path: ['runs'] })

test.each([
  [new UnauthenticatedError(), 'UNAUTHENTICATED'],
  [new ForbiddenError('x'), 'FORBIDDEN'],
  [new BadInputError('first', 'must be 0 or more'), 'BAD_USER_INPUT'],
  [new IdempotencyConflictError('k'), 'CONFLICT'],
  [new TimetableTooSlowError(50), 'TIMEOUT'],
  [Object.assign(new DatabaseError('canceling statement', 1, 'error'), { code: '57014' }), 'TIMEOUT'],
])('%s leaves as %s', (cause, code) => {
  expect(formatError(thrown(cause), 'request_1', logger)).toMatchObject({ extensions: { code } })
})

test.each([
  Object.assign(new DatabaseError('duplicate key in "person"', 1, 'error'), { code: '23505', detail: 'secret' }),
  new TypeError("Cannot read properties of undefined (reading 'secret')"),
  new Error('connect ECONNREFUSED secret.internal:22'),
  Object.assign(new Error('secret'), { code: 'FORBIDDEN' }),
])('%s leaves as INTERNAL with the id of the request, and its text is in the log', (cause) => {
  lines.length = 0
  const formatted = formatError(thrown(cause), 'request_1', logger)
  expect(formatted.extensions).toEqual({ code: 'INTERNAL', requestId: 'request_1' })
  expect(JSON.stringify(formatted)).not.toContain(cause.message)
  expect(lines.join('')).toContain('request_1')
  expect(lines.join('')).toContain(JSON.stringify(cause.message).slice(1, -1))
})

test.each([
  Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
  new Error('Connection terminated unexpectedly'),
  // Of another realm, so no Error to graphql-js.
  { message: 'read ECONNRESET', code: 'ECONNRESET' },
])('that the database is away is said so, with the id of the request', (cause) => {
  const error = locatedError(cause, undefined, ['runs'])
  expect(formatError(error, 'request_1', logger)).toMatchObject({
    message: 'The database cannot be reached at the moment; ask again',
    extensions: { code: 'INTERNAL', requestId: 'request_1' },
  })
})

test.each([
  ['23514', 'project_open', 'NOT_ALLOWED_IN_STATE', 'archived at this very moment'],
  ['23514', 'dag_open', 'NOT_ALLOWED_IN_STATE', 'deleted at this very moment'],
  ['23514', 'pool_in_use', 'CONFLICT', 'pool'],
  ['23505', 'queue_name', 'TAKEN', 'queue name'],
])('%s of %s is for the caller to correct: %s', (code, constraint, expected, words) => {
  const message = expect.stringContaining(words)
  expect(constraintErrors({ code, constraint })).toMatchObject([{ code: expected, message }])
})

test('a constraint that no caller can break is none of theirs', () => {
  expect(constraintErrors({ code: '23514', constraint: 'toString' })).toBeNull()
  expect(constraintErrors({ code: '23505', constraint: 'event_pkey' })).toBeNull()
})
