import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { countAudit } from '../../access/read-audit.js'
import type { JsonObject } from '../../domain/json.js'
import { userOf } from '../../projections/projection.js'
import { Access } from '../access-rule.js'
import { authorize } from '../authorize.js'
import { type Connection, connectionFrom } from '../connection.js'
import type { Context } from '../context.js'
import { CursorCodec } from '../cursor.js'
import { pageOf } from '../paging.js'
import { loadUser } from '../people/load-people.js'
import { User } from '../people/user.type.js'
import { AuditEntry, AuditEntryConnection, AuditListArgs } from './audit.type.js'
import { auditEntries, auditQuery } from './audit-entries.js'

const CURSORS = new CursorCodec('auditLog', ['time', 'number', 'text'])
const MAX_TOTAL = 100_000

@Resolver(() => AuditEntry)
export class AuditResolver {
  @Access('action:readAuditLog')
  @Query(() => AuditEntryConnection, {
    description: 'Changes, sign-ins, refusals and denials, newest first. Reading it is written down in it.',
  })
  async auditLog(
    @Args(() => AuditListArgs) args: AuditListArgs,
    @Ctx() context: Context,
  ): Promise<Connection<AuditEntry>> {
    authorize(context, 'readAuditLog')
    const { database } = context.services
    const page = pageOf(args, CURSORS)
    const filter = args.filter ?? {}
    const query = auditQuery(filter)
    await recordReading(context, { filter: JSON.parse(JSON.stringify(filter)) as JsonObject, size: page.limit })
    const rows = query === null ? [] : await auditEntries(context, query, page)
    const totalCount = async () => {
      const count = query === null ? 0 : await countAudit(database, query, MAX_TOTAL)
      return count > MAX_TOTAL ? null : count
    }
    const keyOf = ({ createdAt, position, accessId }: AuditEntry) => [createdAt, position ?? 0, accessId]
    return connectionFrom<AuditEntry>({ rows, page, cursors: CURSORS, keyOf, totalCount })
  }

  @Access('action:readAuditLog')
  @FieldResolver(() => User, { nullable: true, description: 'Who; null for Dagbook itself and for who is unknown.' })
  user(@Root() { actor }: AuditEntry, @Ctx() context: Context): Promise<User | null> | null {
    const person = actor === null ? null : userOf(actor)
    return person === null ? null : loadUser(person, context)
  }

  @Access('action:readAuditLog')
  @FieldResolver(() => String, { nullable: true, description: "The user's name, or the name that was typed." })
  async username(@Root() { actor, typed }: AuditEntry, @Ctx() context: Context): Promise<string | null> {
    const person = typed !== null || actor === null ? null : userOf(actor)
    return person === null ? (typed ?? actor) : ((await loadUser(person, context))?.username ?? actor)
  }
}

/** Who reads the audit log leaves a trace in it, before anything is shown. */
export async function recordReading(context: Context, details: JsonObject): Promise<void> {
  const { viewer, services, ip, userAgent } = context
  const { userId = null, username = null } = viewer ?? {}
  const entry = { action: 'readAuditLog', outcome: 'SUCCESS' as const, userId, username, ip, userAgent, details }
  await services.access.record(entry)
}
