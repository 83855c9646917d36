import { Field, ObjectType, registerEnumType } from 'type-graphql'
import type { Refused, RejectionCode } from '../domain/rejection.js'
import { Access } from './access-rule.js'

const UserErrorCode: { readonly [Code in RejectionCode]: Code } = {
  INVALID: 'INVALID',
  REQUIRED: 'REQUIRED',
  NOT_FOUND: 'NOT_FOUND',
  TAKEN: 'TAKEN',
  CONFLICT: 'CONFLICT',
  NOT_ALLOWED_IN_STATE: 'NOT_ALLOWED_IN_STATE',
  CYCLE: 'CYCLE',
  UNKNOWN_REFERENCE: 'UNKNOWN_REFERENCE',
  TOO_LARGE: 'TOO_LARGE',
  SCHEMA_VIOLATION: 'SCHEMA_VIOLATION',
}
registerEnumType(UserErrorCode, {
  name: 'UserErrorCode',
  description: 'Why an input was refused.',
  valuesConfig: {
    INVALID: { description: 'A value breaks a rule.' },
    REQUIRED: { description: 'A value is missing.' },
    NOT_FOUND: { description: 'What the input names does not exist, or cannot be seen.' },
    TAKEN: { description: 'The name is in use.' },
    CONFLICT: { description: 'The object has changed meanwhile.' },
    NOT_ALLOWED_IN_STATE: { description: 'The object is in a state that does not allow it.' },
    CYCLE: { description: 'Tasks wait for each other in a circle.' },
    UNKNOWN_REFERENCE: { description: 'A name in a definition leads nowhere.' },
    TOO_LARGE: { description: 'Too much of something.' },
    SCHEMA_VIOLATION: { description: 'A value does not fit its schema.' },
  },
})

/** The GraphQL enum of rejection codes, for other types that carry one. */
export const UserErrorCodeEnum = UserErrorCode

@Access('public')
@ObjectType({ description: 'Something in the input that the caller can correct.', simpleResolvers: true })
export class UserError {
  @Field(() => String, { description: 'For a person: subject, rule, given value.' })
  message!: string

  @Field(() => UserErrorCode, { description: 'For a program.' })
  code!: RejectionCode

  @Field(() => [String], { description: 'Which part of the input, from its field on; empty: the input as a whole.' })
  path!: string[]
}

/** A refusal in the API's words. */
export function userErrorsOf(refused: Refused): UserError[] {
  return refused.rejections.map(({ message, code, path }) => ({ message, code, path: [...path] }))
}

/** One user error. */
export function userError(code: RejectionCode, message: string, ...path: string[]): UserError {
  return { code, message, path }
}

/** Unique constraints that a caller can run into, by name: what is taken, and which part of the input said so. */
const TAKEN: { readonly [constraint: string]: { readonly subject: string; readonly path: string } } = {
  person_username: { subject: 'The username', path: 'username' },
  person_email: { subject: 'The e-mail address', path: 'email' },
  project_name: { subject: 'The project name', path: 'name' },
  dag_name: { subject: 'The DAG name', path: 'source' },
  queue_name: { subject: 'The queue name', path: 'name' },
  pool_name: { subject: 'The pool name', path: 'name' },
  template_version: { subject: 'The version of the template', path: 'name' },
  sla_name: { subject: 'The SLA name', path: 'name' },
  machine_name: { subject: 'The machine name', path: 'name' },
}

const UNIQUE_VIOLATION = '23505'
const CHECK_VIOLATION = '23514'
const BACKFILL_MEANWHILE = 'Another backfill runs some of these times by now; ask for them again'

/** Checks that a caller can run into, by name. */
const BROKEN: { readonly [constraint: string]: UserError } = {
  last_administrator: userError(
    'NOT_ALLOWED_IN_STATE',
    'The last active ADMIN has to stay one; make another user ADMIN first',
    'userId',
  ),
  pool_in_use: userError(
    'CONFLICT',
    'The pool was deleted, or something was put into it, at this very moment; look again',
    'poolId',
  ),
  queue_in_use: userError(
    'CONFLICT',
    'Something was put into the queue at this very moment; set it DRAINING and wait',
    'queueId',
  ),
  project_open: userError('NOT_ALLOWED_IN_STATE', 'The project was archived at this very moment: it can be read only'),
  sla_limit: userError('TOO_LARGE', 'A project has at most 100 SLAs; delete one first'),
  dag_open: userError('NOT_ALLOWED_IN_STATE', 'The DAG was deleted at this very moment'),
}

/** What a failed constraint tells the caller; null when the error is none, or one that no caller can cause. */
export function constraintErrors(error: unknown): UserError[] | null {
  const { code, constraint } = error as { code?: unknown; constraint?: string }
  if (constraint === undefined) return null
  if (code === CHECK_VIOLATION && Object.hasOwn(BROKEN, constraint)) return [BROKEN[constraint] as UserError]
  if (code !== UNIQUE_VIOLATION) return null
  if (constraint === 'run_backfill') return [userError('CONFLICT', BACKFILL_MEANWHILE, 'from')]
  const taken = TAKEN[constraint]
  return taken === undefined ? null : [userError('TAKEN', `${taken.subject} is in use already`, taken.path)]
}
