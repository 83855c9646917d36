import type { List } from '../list.js'
import { INSTANCE_COLUMNS } from '../run/instance-row.js'
import { inProjects } from '../run/list-instances.js'

/** The instances that hold capacity of queues, or slots of machines, in the projects (null: in any). */
export function runningInstances(of: 'queue' | 'machine', projects: readonly string[] | null): List {
  const from =
    of === 'queue'
      ? 'queue q JOIN queue_hold h ON h.queue = q.name'
      : 'machine m JOIN queue_hold h ON h.machine_id = m.id'
  return {
    select: INSTANCE_COLUMNS,
    from: `${from} JOIN instance i ON i.id = h.instance_id`,
    parent: of === 'queue' ? 'q.id' : 'm.id',
    conditions: inProjects('i.project_id', projects),
    key: [{ sql: 'h.instance_id', cast: 'text' }],
    direction: 'ASC',
  }
}
