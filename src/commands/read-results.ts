import type { Reader } from '../projections/list.js'
import type { Accepted } from './command.js'

const READ = `
  SELECT key, body_hash, result::text AS result, position FROM command_result WHERE key = ANY($1::text[])`

/** What commands with these keys answered before, by key. */
export async function readResults(
  db: Reader,
  keys: readonly string[],
): Promise<Map<string, { bodyHash: Buffer; accepted: Accepted }>> {
  if (keys.length === 0) return new Map()
  const { rows } = await db.query({ name: 'read-results', text: READ, values: [keys] })
  return new Map(
    rows.map((row) => {
      const { streamId, version } = JSON.parse(row.result) as { streamId: string; version: number }
      const position = row.position === null ? null : Number(row.position)
      return [row.key, { bodyHash: row.body_hash, accepted: { streamId, version, position } }]
    }),
  )
}
