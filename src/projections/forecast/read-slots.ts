import { MACHINE_LIST, type MachineRow, takesWork } from '../capacity/capacity-rows.js'
import { type Reader, readMerged } from '../list.js'

/** A machine that takes work now. */
export interface FreeSlots {
  readonly name: string
  /** Whose work it takes; empty: every project's. */
  readonly projectIds: readonly string[]
  readonly free: number
}

/** Slots at one moment. */
export interface Slots {
  readonly machines: readonly FreeSlots[]
  /** What the runs hold, wherever, by run id. */
  readonly heldBy: ReadonlyMap<string, number>
}

const MAX_MACHINES = 1_000

const HOLDS = `
  SELECT machine_id AS "machineId", run_id AS "runId", count(*)::integer AS count FROM queue_hold
  WHERE machine_id = ANY($1::text[]) OR (machine_id IS NOT NULL AND run_id = ANY($2::text[]))
  GROUP BY machine_id, run_id`

interface Hold {
  readonly machineId: string
  readonly runId: string
  readonly count: number
}

/** The machines that take work, with the slots that nobody holds, and those that the runs hold: of one moment, or a claim would count twice. */
export async function readSlots(db: Reader, runIds: readonly string[]): Promise<Slots> {
  const page = { limit: MAX_MACHINES, isBackward: false, from: null }
  const machines = await readMerged<MachineRow>(db, MACHINE_LIST, null, page)
  const open = machines.filter(takesWork)
  const ids = open.map(({ id }) => id)
  const { rows } = await db.query<Hold>({ text: HOLDS, values: [ids, runIds] })
  const sums = (keyOf: (hold: Hold) => string) => {
    const sum = new Map<string, number>()
    for (const hold of rows) sum.set(keyOf(hold), (sum.get(keyOf(hold)) ?? 0) + hold.count)
    return sum
  }
  const loads = sums(({ machineId }) => machineId)
  const free = open.map(({ id, name, projectIds, slots }) => {
    return { name, projectIds, free: Math.max(0, slots - (loads.get(id) ?? 0)) }
  })
  return { machines: free, heldBy: sums(({ runId }) => runId) }
}
