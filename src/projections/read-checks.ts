import type { Reader } from './list.js'

/** What the last comparison of a read model with a replay found. */
export interface ProjectionCheck {
  readonly matchesReplay: boolean
  readonly checkedAt: Date
}

const READ = `SELECT name, matches_replay AS "matchesReplay", checked_at AS "checkedAt" FROM projection_check`

const WRITE = `
  INSERT INTO projection_check (name, matches_replay, position, checked_at)
  SELECT name, matches, $3::bigint, now() FROM unnest($1::text[], $2::boolean[]) AS c(name, matches)
  ON CONFLICT (name) DO UPDATE
    SET matches_replay = excluded.matches_replay, position = excluded.position, checked_at = excluded.checked_at`

/** The last check of each read model that was ever checked, by name. */
export async function readChecks(db: Reader): Promise<Map<string, ProjectionCheck>> {
  const { rows } = await db.query<ProjectionCheck & { name: string }>(READ)
  return new Map(rows.map(({ name, ...check }) => [name, check]))
}

/** Keeps what a check at `position` has found. */
export async function writeChecks(db: Reader, matches: ReadonlyMap<string, boolean>, position: number): Promise<void> {
  await db.query(WRITE, [[...matches.keys()], [...matches.values()], position])
}
