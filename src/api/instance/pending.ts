import DataLoader from 'dataloader'
import { visibleProjectIds } from '../../access/viewer.js'
import { countPending, type PendingRow, readPending, type Waiting } from '../../projections/waiting/list-pending.js'
import { type Connection, connectionFrom } from '../connection.js'
import type { Context } from '../context.js'
import { CursorCodec } from '../cursor.js'
import { type ForwardArgs, LARGE_PAGE_CAP, pageOf } from '../paging.js'

const CURSORS = new CursorCodec('pendingInstances', ['microtime', 'text'])
const MAX_TOTAL = 100_000

/** What waits for a queue or a machine (by name) and belongs to projects that the viewer may see. */
export async function pendingWithin(
  context: Context,
  of: Waiting,
  name: string,
  args: ForwardArgs,
): Promise<Connection<PendingRow>> {
  const { pool } = context.services.database
  const projects = visibleProjectIds(context.viewer)
  const page = pageOf(args, CURSORS, LARGE_PAGE_CAP)
  const key = `pending:${of}:${JSON.stringify(args)}`
  const pages = async (names: readonly string[]) => {
    const found = await readPending(pool, of, names, projects, page)
    return names.map((each) => found.get(each) ?? [])
  }
  const counts = async (names: readonly string[]) => {
    const found = await countPending(pool, of, names, projects, MAX_TOTAL)
    return names.map((each) => found.get(each) ?? 0)
  }
  const rows = await context.loaders.get(key, () => new DataLoader(pages)).load(name)
  const totalCount = async () => {
    const count = await context.loaders.get(`${key}:count`, () => new DataLoader(counts)).load(name)
    return count > MAX_TOTAL ? null : count
  }
  return connectionFrom({ rows, page, cursors: CURSORS, keyOf: ({ rank, id }) => [rank, id], totalCount })
}
