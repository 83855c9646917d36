import type { SqlMigrationClass } from '../src/platform/sql-migration.js'
import { Journal } from './0001-journal.js'
import { Projections } from './0002-projections.js'
import { Records } from './0003-records.js'
import { SignIn } from './0004-sign-in.js'
import { ReadIndexes } from './0005-read-indexes.js'
import { Machines } from './0006-machines.js'
import { LookForWork } from './0007-look-for-work.js'
import { AccessSteps } from './0008-access.js'
import { Templates } from './0009-templates.js'
import { Schedules } from './0010-schedules.js'
import { QueuesAndPools } from './0011-queues-and-pools.js'
import { Metrics } from './0012-metrics.js'
import { RunCaches } from './0013-cache.js'
import { Batches } from './0014-batches.js'
import { Slas } from './0015-slas.js'
import { OpenProjects } from './0016-open-projects.js'
import { SlaRights } from './0017-sla-rights.js'

/** Every step of the schema, in order. Steps are added at the end and never changed once released. */
export const migrations: readonly SqlMigrationClass[] = [
  Journal,
  Projections,
  Records,
  SignIn,
  ReadIndexes,
  Machines,
  LookForWork,
  AccessSteps,
  Templates,
  Schedules,
  QueuesAndPools,
  Metrics,
  RunCaches,
  Batches,
  Slas,
  OpenProjects,
  SlaRights,
]
