import { backfillProjection } from './backfill/backfill-projection.js'
import { capacityProjection } from './capacity/capacity-projection.js'
import { dagProjection } from './dag/dag-projection.js'
import { projectProjection } from './project/project-projection.js'
import type { Projection } from './projection.js'
import { runProjection } from './run/run-projection.js'
import { scheduleProjection } from './schedule/schedule-projection.js'
import { slaProjection } from './sla/sla-projection.js'
import { templateProjection } from './template/template-projection.js'
import { userProjection } from './user/user-projection.js'
import { waitingProjection } from './waiting/waiting-projection.js'

/** Every read model, in the order in which a batch is applied: `schedules` and `waiting` read what those before them wrote. */
export const PROJECTIONS: readonly Projection[] = [
  userProjection,
  projectProjection,
  capacityProjection,
  templateProjection,
  dagProjection,
  scheduleProjection,
  backfillProjection,
  runProjection,
  waitingProjection,
  slaProjection,
]
