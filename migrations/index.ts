import type { SqlMigrationClass } from '../src/platform/sql-migration.js'
import { Journal } from './0001-journal.js'
import { Projections } from './0002-projections.js'
import { Records } from './0003-records.js'
import { SignIn } from './0004-sign-in.js'
import { ReadIndexes } from './0005-read-indexes.js'
import { LookForWork } from './0006-look-for-work.js'
import { Machines } from './0007-machines.js'
import { Placement } from './0008-placement.js'
import { LookByPlace } from './0009-look-by-place.js'
import { AccessSteps } from './0010-access.js'
import { Templates } from './0011-templates.js'
import { Schedules } from './0012-schedules.js'

/** Every step of the schema, in order. Steps are added at the end and never changed once released. */
export const migrations: readonly SqlMigrationClass[] = [
  Journal,
  Projections,
  Records,
  SignIn,
  ReadIndexes,
  LookForWork,
  Machines,
  Placement,
  LookByPlace,
  AccessSteps,
  Templates,
  Schedules,
]
