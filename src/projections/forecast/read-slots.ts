import { MACHINE_LIST, type MachineRow, takesWork } from '../capacity/capacity-rows.js'
import { getMachineLoads } from '../capacity/get-use.js'
import { type Reader, readMerged } from '../list.js'

/** A machine that takes work now. */
export interface FreeSlots {
  readonly name: string
  /** Whose work it takes; empty: every project's. */
  readonly projectIds: readonly string[]
  readonly free: number
}

const MAX_MACHINES = 1_000

/** The machines that take work, with the slots that nobody holds at this moment. */
export async function readFreeSlots(db: Reader): Promise<FreeSlots[]> {
  const page = { limit: MAX_MACHINES, isBackward: false, from: null }
  const machines = await readMerged<MachineRow>(db, MACHINE_LIST, null, page)
  const open = machines.filter(takesWork)
  const loads = await getMachineLoads(
    db,
    open.map(({ id }) => id),
  )
  return open.map(({ id, name, projectIds, slots }) => {
    return { name, projectIds, free: Math.max(0, slots - (loads.get(id) ?? 0)) }
  })
}
