import { breachSla, resolveSla } from '../commands/change-slas.js'
import type { CommandBus } from '../commands/command-bus.js'
import { inTurns } from '../commands/in-turns.js'
import type { Prepared } from '../commands/prepared.js'
import { systemCommand } from '../commands/system-command.js'
import type { InstanceId, RunId } from '../domain/ids.js'
import type { Clock } from '../platform/clock.js'
import type { Database } from '../platform/database.js'
import type { Logger } from '../platform/logger.js'
import { Loop } from '../platform/loop.js'
import { openBreaches } from '../projections/sla/breaches.js'
import { enabledSlas, type SlaRow } from '../projections/sla/slas.js'
import { findSubjects, isCutOff, type Subject, type Watched, watchedOf } from './sla-subjects.js'

/** So that a breach is found within a second, and acted on within two. */
const INTERVAL_MS = 1_000

export interface SlaClockDependencies {
  readonly database: Database
  readonly bus: CommandBus
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Looks once a second whether what is watched holds: facts of every enabled SLA's subjects, its conditions over them, and
 * a command for each that begins or ceases to hold. Any number of them may run: whether something is a breach that is not
 * known yet, the SLA's own stream decides.
 *
 *   enabled SLAs -> facts (SQL) -> conditions (json-rules-engine) -> BreachSla, ResolveSla
 */
export class SlaClock extends Loop {
  override readonly name = 'SLA clock'
  readonly #dependencies: SlaClockDependencies
  /** Compiled conditions, by SLA; those of a row that has changed are made anew. */
  #watched = new Map<string, Watched>()

  constructor(dependencies: SlaClockDependencies) {
    super({ intervalMs: INTERVAL_MS, logger: dependencies.logger })
    this.#dependencies = dependencies
  }

  override async runOnce(): Promise<boolean> {
    const { database, clock } = this.#dependencies
    const slas = await enabledSlas(database.pool)
    this.#watched = new Map(slas.map((sla) => [sla.id, this.#watch(sla)]))
    if (slas.length === 0) return false
    const watched = [...this.#watched.values()]
    const ids = slas.map(({ id }) => id)
    // First: what is broken by a breach that is opened meanwhile must not look as if it were fine.
    const open = await openBreaches(database.pool, ids)
    const subjects = await findSubjects(database.pool, watched, clock.now())
    const broken = await this.#broken(subjects)
    const isKnown = new Set(open.map(({ slaId, subjectId }) => `${slaId}/${subjectId}`))
    const isBroken = new Set(broken.map(({ slaId, subjectId }) => `${slaId}/${subjectId}`))
    const isPartial = cutOff(watched, subjects)
    // In the order of the SLAs' priority: commands are decided in the order in which they are given.
    const order = new Map(ids.map((id, at) => [id, at]))
    const breached = broken
      .filter(({ slaId, subjectId }) => !isKnown.has(`${slaId}/${subjectId}`))
      .sort((a, b) => (order.get(a.slaId) ?? 0) - (order.get(b.slaId) ?? 0))
    const resolved = open.filter(
      ({ slaId, subjectId }) => !isBroken.has(`${slaId}/${subjectId}`) && !isPartial.has(slaId),
    )
    await this.#execute([
      ...breached.map(breachOf),
      ...resolved.map(({ slaId, id, subjectId }) => resolveSla(slaId, id, subjectId)),
    ])
    return false
  }

  #watch(sla: SlaRow): Watched {
    const known = this.#watched.get(sla.id)
    const isSame = known?.sla.updatedAt.getTime() === sla.updatedAt.getTime()
    return known !== undefined && isSame ? { ...known, sla } : watchedOf(sla)
  }

  /** One after another: an engine that has finished one run skips the rules of those beside it. */
  async #broken(subjects: readonly Subject[]): Promise<Subject[]> {
    const broken: Subject[] = []
    await inTurns(subjects, Number.POSITIVE_INFINITY, async (subject) => {
      if (await this.#watched.get(subject.slaId)?.rule.holds(subject.facts)) broken.push(subject)
    })
    return broken
  }

  /** One that cannot be done keeps no other from it; it is found again. */
  async #execute(all: readonly Prepared[]): Promise<void> {
    const { bus, logger } = this.#dependencies
    await Promise.all(
      all.map((prepared) =>
        bus.execute(systemCommand(prepared)).catch((error: unknown) => {
          logger.error({ err: error, sla: prepared.streamId }, 'A breach was not noted; it is tried again')
        }),
      ),
    )
  }
}

function breachOf({ slaId, subjectId, runId, instanceId, facts }: Subject): Prepared {
  return breachSla(slaId, {
    subjectId,
    runId: runId as RunId | null,
    instanceId: instanceId as InstanceId | null,
    facts,
  })
}

/** The SLAs of which not everything was looked at: that something is fine again cannot be told there. */
function cutOff(watched: readonly Watched[], subjects: readonly Subject[]): Set<string> {
  const counts = new Map<string, number>()
  for (const { slaId } of subjects) counts.set(slaId, (counts.get(slaId) ?? 0) + 1)
  return new Set(watched.filter((each) => isCutOff(each, counts.get(each.sla.id) ?? 0)).map(({ sla }) => sla.id))
}
