import type { JsonObject } from '../domain/json.js'
import type { Database } from '../platform/database.js'
import type { KeyValue, Page } from '../platform/keyset.js'

/** One entry of the audit log: a change that the journal tells of, or what the log of access does. */
export interface AuditRow {
  readonly at: Date
  /** 0 for what is no event. */
  readonly position: number
  /** Of the row in the log of access; empty for an event. */
  readonly accessId: string
  readonly action: string
  /** `user`, `project`, `run` ...: the word that the entity's id begins with; null where there is none. */
  readonly entityId: string | null
  /** A user's, a token's or a node's id, or `system`; null where nobody is known. */
  readonly actor: string | null
  /** Of the log of access: as it was typed, or the user's at that time. */
  readonly username: string | null
  readonly outcome: 'SUCCESS' | 'FAILED' | 'DENIED'
  readonly details: JsonObject
  readonly errorMessage: string | null
  readonly ipAddress: string | null
  readonly streamId: string | null
  readonly version: number | null
}

/** Null and left out: whatever. */
export interface AuditQuery {
  readonly action?: string | null
  /** The word that the entity's id begins with. */
  readonly entityPrefix?: string | null
  readonly entityId?: string | null
  readonly userId?: string | null
  readonly outcome?: string | null
  readonly from?: Date | null
  readonly to?: Date | null
  /** Of single entries. */
  readonly positions?: readonly number[] | null
  readonly accessIds?: readonly string[] | null
}

/** What follows from a change by itself, and how far instances are: no change that anybody made. The index says the same. */
const AUDITED = `(e.type NOT LIKE 'Instance%' OR e.type = 'InstanceForceRequested' OR e.type = 'InstanceCancelRequested')
  AND e.type NOT IN ('RunStarted', 'RunSucceeded', 'RunFailed', 'RunCanceled', 'RunTimedOut', 'RunTimeoutReached')
  AND e.actor NOT LIKE 'node\\_%' AND e.type <> 'DagScheduleAdvanced'
  AND NOT (e.actor = 'system' AND e.type IN ('RunRequested', 'RunCancelRequested'))`

const EVENTS = `
  SELECT e.recorded_at AS at, e.position, '' AS access_id, e.type AS action,
    coalesce(e.instance_id, e.stream_id) AS entity_id, e.actor, NULL AS username, 'SUCCESS' AS outcome, e.data AS details,
    NULL AS error_message, o.ip_address, e.stream_id, e.version
  FROM event e
  LEFT JOIN command_origin o ON o.command_id = coalesce(e.causation_id, e.command_id)
  LEFT JOIN api_token t ON t.id = e.actor`

/** Signing in is about the one who signs in. */
const ABOUT = `coalesce(l.details->>'entityId',
    CASE WHEN l.action IN ('signIn', 'signOut', 'refreshSession', 'verifyPassword') THEN l.user_id END)`

const ACCESS = `
  SELECT l.created_at, 0, l.id, l.action, ${ABOUT}, l.user_id, l.username, l.outcome,
    (l.details::jsonb || jsonb_build_object('repeats', l.repeat_count, 'userAgent', l.user_agent))::json, l.error_message,
    l.ip_address, NULL, NULL
  FROM access_log l`

const COLUMNS = `at, position, access_id AS "accessId", action, entity_id AS "entityId", actor, username, outcome, details,
  error_message AS "errorMessage", ip_address AS "ipAddress", stream_id AS "streamId", version`

/** A page of both, newest first; among what is of one millisecond events come first. */
export async function readAudit(database: Database, query: AuditQuery, page: Page): Promise<AuditRow[]> {
  const sql = new AuditSql(query)
  const order = page.isBackward ? 'ASC' : 'DESC'
  const limit = page.limit + 1
  const { events, access } = sql.keyset(page)
  const text = `SELECT ${COLUMNS} FROM (
      (${EVENTS} WHERE ${sql.events} AND ${events} ORDER BY e.recorded_at ${order}, e.position ${order} LIMIT ${limit})
      UNION ALL
      (${ACCESS} WHERE ${sql.access} AND ${access} ORDER BY l.created_at ${order}, l.id ${order} LIMIT ${limit})
    ) AS entry ORDER BY at ${order}, position ${order}, access_id ${order} LIMIT ${limit}`
  return database.query<AuditRow>({ text, values: sql.values })
}

/** How many there are of both, counted up to `max + 1`. */
export async function countAudit(database: Database, query: AuditQuery, max: number): Promise<number> {
  const sql = new AuditSql(query)
  const text = `SELECT count(*) AS count FROM (
      (SELECT FROM event e LEFT JOIN api_token t ON t.id = e.actor WHERE ${sql.events} LIMIT ${max + 1})
      UNION ALL
      (SELECT FROM access_log l WHERE ${sql.access} LIMIT ${max + 1})) AS entry`
  const [row] = await database.query<{ count: number }>({ text, values: sql.values })
  return Number(row?.count)
}

/** The conditions on either side, with the parameters that they share. */
class AuditSql {
  readonly values: unknown[] = []
  readonly events: string
  readonly access: string

  constructor(query: AuditQuery) {
    const both = this.#conditions(query)
    this.events = [AUDITED, ...both.map(([event]) => event)].join(' AND ')
    this.access = ['TRUE', ...both.map(([, access]) => access)].join(' AND ')
  }

  #conditions(query: AuditQuery): [event: string, access: string][] {
    const found: [string, string][] = []
    const add = (value: unknown, cast: string, of: (parameter: string) => [string, string]): void => {
      if (value !== undefined && value !== null) found.push(of(`$${this.values.push(value)}::${cast}`))
    }
    add(query.action, 'text', (p) => [`e.type = ${p}`, `l.action = ${p}`])
    add(query.entityId, 'text', (p) => [`(e.stream_id = ${p} OR e.instance_id = ${p})`, `${ABOUT} = ${p}`])
    add(query.entityPrefix, 'text', (p) => [
      `split_part(coalesce(e.instance_id, e.stream_id), '_', 1) = ${p}`,
      `split_part(${ABOUT}, '_', 1) = ${p}`,
    ])
    add(query.userId, 'text', (p) => [`(e.actor = ${p} OR t.user_id = ${p})`, `l.user_id = ${p}`])
    add(query.outcome, 'text', (p) => [`${p} = 'SUCCESS'`, `l.outcome = ${p}`])
    add(query.from, 'timestamptz', (p) => [`e.recorded_at >= ${p}`, `l.created_at >= ${p}`])
    add(query.to, 'timestamptz', (p) => [`e.recorded_at < ${p}`, `l.created_at < ${p}`])
    add(query.positions, 'bigint[]', (p) => [`e.position = ANY(${p})`, 'FALSE'])
    add(query.accessIds, 'text[]', (p) => ['FALSE', `l.id = ANY(${p})`])
    return found
  }

  /** What lies beyond the row next to the page: (time, position, id in the log of access), each side in its own index. */
  keyset({ from, isBackward }: Page): { events: string; access: string } {
    if (from === null) return { events: 'TRUE', access: 'TRUE' }
    const [at, position, id] = from as [KeyValue, number, string]
    const operator = isBackward ? '>' : '<'
    const add = (value: unknown, cast: string) => `$${this.values.push(value)}::${cast}`
    const time = add(at, 'timestamptz')
    const events = `(e.recorded_at, e.position) ${operator} (${time}, ${add(position, 'bigint')})`
    // What is no event stands at position 0 of its moment.
    if (position === 0) return { events, access: `(l.created_at, l.id) ${operator} (${time}, ${add(id, 'text')})` }
    return { events, access: `l.created_at ${isBackward ? '>' : '<='} ${time}` }
  }
}

const PRIOR = `
  SELECT asked.n, prior.type, prior.data
  FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[]) WITH ORDINALITY AS asked(stream_id, version, types, same, n)
  JOIN stream s ON s.id = asked.stream_id
  CROSS JOIN LATERAL (
    SELECT p.type, p.data FROM event p
    WHERE p.stream_id = asked.stream_id AND p.version < asked.version
      AND p.position >= s.first_position AND p.position <= s.last_position
      AND p.type = ANY(string_to_array(asked.types, ',')) AND (asked.same IS NULL OR p.data->>'userId' = asked.same)
    ORDER BY p.position DESC LIMIT 1) AS prior`

/** Of which events the last one before tells what was before; else those of the same type. */
const TOLD_BY: { readonly [type: string]: readonly string[] } = {
  UserRightsChanged: ['UserCreated', 'UserRightsChanged'],
  ProjectRenamed: ['ProjectCreated', 'ProjectRenamed'],
  ProjectDescribed: ['ProjectCreated', 'ProjectDescribed'],
  ProjectRoleGranted: ['ProjectRoleGranted', 'ProjectRoleRevoked'],
  ProjectRoleRevoked: ['ProjectRoleGranted', 'ProjectRoleRevoked'],
  DagEnabled: ['DagEnabled', 'DagDisabled'],
  DagDisabled: ['DagEnabled', 'DagDisabled'],
  QueueSettingsChanged: ['QueueCreated', 'QueueSettingsChanged'],
  PoolSettingsChanged: ['PoolCreated', 'PoolSettingsChanged'],
  MachineSettingsChanged: ['MachineRegistered', 'MachineSettingsChanged'],
  SlaSettingsChanged: ['SlaCreated', 'SlaSettingsChanged'],
  RunPriorityChanged: ['RunRequested', 'RunPriorityChanged'],
}
/** What holds from a first event on that does not say it. */
const FROM_THE_FIRST: { readonly [type: string]: JsonObject } = {
  QueueCreated: { status: 'OPEN', projectIds: [] },
  PoolCreated: { status: 'ACTIVE' },
  MachineRegistered: { labels: [], allowedRunUsers: [], projectIds: [], isDraining: false },
  SlaCreated: { isEnabled: true },
}
const OF_MEMBERS: ReadonlySet<string> = new Set(['ProjectRoleGranted', 'ProjectRoleRevoked'])

type Told = Pick<AuditRow, 'streamId' | 'version' | 'action' | 'details'>

/** Whether something before it may tell what the entry changed. Streams of runs are long, and looked through only where one does. */
export function hasBefore({ streamId, action }: Told): boolean {
  return streamId !== null && (!streamId.startsWith('run_') || action in TOLD_BY)
}

/** What the journal told before of what each of these events changed, in their order; null where it told nothing. */
export async function readBefore(database: Database, events: readonly Told[]): Promise<(JsonObject | null)[]> {
  if (events.length === 0) return []
  const rows = await database.query<{ n: number; type: string; data: JsonObject }>(PRIOR, [
    events.map(({ streamId }) => streamId),
    events.map(({ version }) => version),
    events.map(({ action }) => (TOLD_BY[action] ?? [action]).join(',')),
    events.map(({ action, details }) => (OF_MEMBERS.has(action) ? details.userId : null)),
  ])
  const found = new Map(
    rows.map(({ n, type, data }) => [
      Number(n) - 1,
      type === 'ProjectRoleRevoked' ? null : { ...FROM_THE_FIRST[type], ...data },
    ]),
  )
  return events.map(({ details }, index) => picked(found.get(index) ?? null, details))
}

/** A revoked role was one, though its event does not say which: everything is shown that the event before it said. */
function picked(before: JsonObject | null, after: JsonObject): JsonObject | null {
  if (before === null) return null
  const keys = new Set([...Object.keys(after), 'role'])
  return Object.fromEntries(Object.entries(before).filter(([key]) => keys.has(key)))
}
