import type { Command } from 'commander'
import { moment, oneOf } from '../commands/command.js'
import type { Api } from '../graphql/api.js'
import type { Page, ReadPage } from '../graphql/pages.js'
import { findUser } from '../people/user.js'

const AUDIT_LOG = /* GraphQL */ `
  query AuditLog($filter: AuditFilter, $first: Int!, $after: String) {
    auditLog(filter: $filter, first: $first, after: $after) {
      nodes { id position action entityType entityId username details outcome errorMessage ipAddress createdAt }
      pageInfo { hasNextPage endCursor }
    }
  }
`

/** The most that the server gives at once. */
export const AUDIT_PAGE = 100

/** An entry as it is printed as JSON. */
export interface AuditEntry {
  readonly action: string
  readonly entityType: string
  readonly entityId: string | null
  readonly username: string | null
  readonly outcome: string
  readonly errorMessage: string | null
  readonly ipAddress: string | null
  readonly createdAt: string
}

/** Which entries, as it is typed. */
export interface AuditOptions {
  readonly action?: string
  readonly entity?: string
  readonly type?: string
  readonly user?: string
  readonly outcome?: string
  readonly from?: string
  readonly to?: string
}

/** Adds the options that say which entries. */
export function withAuditOptions(command: Command): Command {
  return command
    .option('--action <name>', 'only this: an event type, signIn, a mutation ...')
    .option('--entity <id>', 'only about this')
    .option('--type <type>', 'only about this kind: User, Project, Dag, Run ...')
    .option('--user <username>', 'only by this user')
    .option('--outcome <outcome>', 'SUCCESS, FAILED or DENIED', oneOf('SUCCESS', 'FAILED', 'DENIED'))
    .option('--from <time>', 'only at this time or later', moment)
    .option('--to <time>', 'only before this time', moment)
}

/** How pages of these entries are read, newest first. NotFoundFailure for a user who is not there. */
export async function auditPages(api: Api, options: AuditOptions): Promise<ReadPage<AuditEntry>> {
  const { action, entity: entityId, type: entityType, outcome, from, to } = options
  const userId = options.user === undefined ? undefined : (await findUser(api, options.user)).id
  const filter = { action, entityId, entityType, userId, outcome, from, to }
  return async (first, after) =>
    (await api.query<{ auditLog: Page<AuditEntry> }>(AUDIT_LOG, { filter, first, after })).data.auditLog
}
