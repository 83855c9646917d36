import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import type { JsonObject } from '../../domain/json.js'
import type { StoredEvent } from '../../history/event.js'
import { leafText } from '../../history/leaf.js'
import { countEvents, readEventPage } from '../../history/read-page.js'
import { Access } from '../access-rule.js'
import { type Connection, connectionFrom } from '../connection.js'
import type { Context } from '../context.js'
import { CursorCodec } from '../cursor.js'
import { Dag } from '../dag/dag.type.js'
import { loadDag } from '../dag/load-dags.js'
import { Instance } from '../instance/instance.type.js'
import { loadInstance } from '../instance/load-instances.js'
import { JsonObjectScalar } from '../json-scalars.js'
import { LARGE_PAGE_CAP, pageOf } from '../paging.js'
import { loadUser } from '../people/load-people.js'
import { User } from '../people/user.type.js'
import { loadProject } from '../project/load-projects.js'
import { Project } from '../project/project.type.js'
import { loadRun } from '../run/load-runs.js'
import { Run } from '../run/run.type.js'
import { Actor, type ActorKindEnum, Event, EventConnection, EventListArgs } from './event.type.js'
import { eventQuery } from './event-query.js'

const CURSORS = new CursorCodec('events', ['number'])
const MAX_TOTAL = 100_000

@Resolver(() => Event)
export class EventResolver {
  @Access('action:readProject')
  @Query(() => EventConnection, {
    description: 'Events, oldest first; pages up to 1,000. Those of no project are for administrators.',
  })
  async events(
    @Args(() => EventListArgs) args: EventListArgs,
    @Ctx() context: Context,
  ): Promise<Connection<StoredEvent>> {
    const { pool } = context.services.database
    const page = pageOf(args, CURSORS, LARGE_PAGE_CAP)
    const query = await eventQuery(context, args.filter ?? {})
    const rows = query === null ? [] : await readEventPage(pool, query, page)
    const totalCount = async () => {
      const count = query === null ? 0 : await countEvents(pool, query, MAX_TOTAL)
      return count > MAX_TOTAL ? null : count
    }
    return connectionFrom({ rows, page, cursors: CURSORS, keyOf: ({ position }) => [position], totalCount })
  }

  @FieldResolver(() => String, { description: 'event_<position>' })
  id(@Root() { position }: StoredEvent): string {
    return eventId(position)
  }

  @FieldResolver(() => JsonObjectScalar, { description: 'What is to be said of it.' })
  data(@Root() { dataText }: StoredEvent): JsonObject {
    return JSON.parse(dataText) as JsonObject
  }

  @FieldResolver(() => Actor, { description: 'Who brought it about.' })
  actor(@Root() { actor }: StoredEvent): Actor {
    return { id: actor, kind: kindOf(actor) }
  }

  @FieldResolver(() => String, { description: 'Of the leaf, RFC 6962, hex.' })
  hash(@Root() { leafHash }: StoredEvent): string {
    return leafHash
  }

  @FieldResolver(() => String, { description: 'The canonical text that was hashed.' })
  leaf(@Root() event: StoredEvent): string {
    return leafText(event, event.prevHash)
  }

  @FieldResolver(() => String, { nullable: true, description: 'The hash before it in its stream; null for the first.' })
  previousHash(@Root() { prevHash }: StoredEvent): string | null {
    return prevHash
  }

  @FieldResolver(() => Project, { nullable: true, description: 'Which it belongs to.' })
  project(@Root() { projectId }: StoredEvent, @Ctx() context: Context) {
    return projectId === null ? null : loadProject(projectId, context)
  }

  @FieldResolver(() => Dag, { nullable: true, description: 'Which it belongs to.' })
  dag(@Root() { dagId }: StoredEvent, @Ctx() context: Context) {
    return dagId === null ? null : loadDag(dagId, context)
  }

  @FieldResolver(() => Run, { nullable: true, description: 'Which it belongs to.' })
  run(@Root() { runId }: StoredEvent, @Ctx() context: Context) {
    return runId === null ? null : loadRun(runId, context)
  }

  @FieldResolver(() => Instance, { nullable: true, description: 'Which it belongs to.' })
  instance(@Root() { instanceId }: StoredEvent, @Ctx() context: Context) {
    return instanceId === null ? null : loadInstance(instanceId, context)
  }
}

@Resolver(() => Actor)
export class ActorResolver {
  @FieldResolver(() => String, {
    description: "A username (a token's user, too), `system`, or the id of one of Dagbook's processes.",
  })
  async name(@Root() { id, kind }: Actor, @Ctx() context: Context): Promise<string> {
    return kind === 'SYSTEM' ? id : ((await loadUser(id, context))?.username ?? id)
  }

  @FieldResolver(() => User, { nullable: true, description: 'Null for Dagbook itself.' })
  user(@Root() { id, kind }: Actor, @Ctx() context: Context) {
    return kind === 'SYSTEM' ? null : loadUser(id, context)
  }
}

/** The id of the event at a position. */
export function eventId(position: number): string {
  return `event_${position}`
}

function kindOf(actor: string): keyof typeof ActorKindEnum {
  if (actor.startsWith('user_')) return 'USER'
  return actor.startsWith('apitoken_') ? 'API_TOKEN' : 'SYSTEM'
}
