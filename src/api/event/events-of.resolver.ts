import DataLoader from 'dataloader'
import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import type { StoredEvent } from '../../history/event.js'
import { countStreamEvents, type EventsOf, readStreamPages } from '../../history/read-stream-pages.js'
import type { InstanceRow } from '../../projections/run/instance-row.js'
import type { RunRow } from '../../projections/run/run-row.js'
import { type Connection, connectionFrom } from '../connection.js'
import type { Context } from '../context.js'
import { CursorCodec } from '../cursor.js'
import { Instance } from '../instance/instance.type.js'
import { LARGE_PAGE_CAP, PageArgs, pageOf } from '../paging.js'
import { Run } from '../run/run.type.js'
import { EventConnection } from './event.type.js'

const CURSORS = new CursorCodec('streamEvents', ['number'])
const MAX_TOTAL = 100_000

@Resolver(() => Run)
export class RunEventsResolver {
  @FieldResolver(() => EventConnection, { description: "Its and its instances' events, oldest first; up to 1,000." })
  events(@Root() { id }: RunRow, @Args(() => PageArgs) args: PageArgs, @Ctx() context: Context) {
    return eventsWithin(context, { streamId: id, instanceId: null }, args)
  }
}

@Resolver(() => Instance)
export class InstanceEventsResolver {
  @FieldResolver(() => EventConnection, { description: 'Its events, oldest first; pages up to 1,000.' })
  events(@Root() { id, runId }: InstanceRow, @Args(() => PageArgs) args: PageArgs, @Ctx() context: Context) {
    return eventsWithin(context, { streamId: runId, instanceId: id }, args)
  }
}

/** All runs and instances for which the operation selects it with the same arguments share a statement. */
async function eventsWithin(context: Context, of: EventsOf, args: PageArgs): Promise<Connection<StoredEvent>> {
  const { pool } = context.services.database
  const page = pageOf(args, CURSORS, LARGE_PAGE_CAP)
  const key = `events:${of.instanceId === null}:${JSON.stringify(args)}`
  const pages = async (wanted: readonly EventsOf[]) => {
    const found = await readStreamPages(pool, wanted, page)
    return wanted.map((each) => found.get(each) ?? [])
  }
  const counts = async (wanted: readonly EventsOf[]) => {
    const found = await countStreamEvents(pool, wanted)
    return wanted.map((each) => found.get(each) ?? 0)
  }
  const rows = await context.loaders.get(key, () => new DataLoader(pages)).load(of)
  const totalCount = async () => {
    const count = await context.loaders.get(`${key}:count`, () => new DataLoader(counts)).load(of)
    return count > MAX_TOTAL ? null : count
  }
  return connectionFrom({ rows, page, cursors: CURSORS, keyOf: ({ version }) => [version], totalCount })
}
