import { auditNoun } from './audit/audit.noun.js'
import { backfillNoun } from './backfill/backfill.noun.js'
import { cacheNoun } from './cache/cache.noun.js'
import { capacityNoun } from './capacity/capacity.noun.js'
import { dagNoun } from './dag/dag.noun.js'
import { eventNoun } from './event/event.noun.js'
import { feedNoun } from './feed/feed.noun.js'
import { instanceNoun } from './instance/instance.noun.js'
import { journalNoun } from './journal/journal.noun.js'
import { machineNoun } from './machine/machine.noun.js'
import type { Noun } from './noun.js'
import { peopleNoun } from './people/people.noun.js'
import { poolNoun } from './pool/pool.noun.js'
import { projectNoun } from './project/project.noun.js'
import { queueNoun } from './queue/queue.noun.js'
import { runNoun } from './run/run.noun.js'
import { scheduleNoun } from './schedule/schedule.noun.js'
import { serverNoun } from './server/server.noun.js'
import { slaNoun } from './sla/sla.noun.js'
import { templateNoun } from './template/template.noun.js'

/** Everything the API speaks of. */
export const NOUNS: readonly Noun[] = [
  peopleNoun,
  projectNoun,
  auditNoun,
  serverNoun,
  capacityNoun,
  machineNoun,
  queueNoun,
  poolNoun,
  templateNoun,
  dagNoun,
  scheduleNoun,
  runNoun,
  cacheNoun,
  backfillNoun,
  instanceNoun,
  eventNoun,
  journalNoun,
  slaNoun,
  feedNoun,
]
