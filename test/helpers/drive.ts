import type { Claimed } from '../../src/commands/claim.js'
import type { CommandBus } from '../../src/commands/command-bus.js'
import type { Verdict } from '../../src/domain/dag/verdict.js'
import type { CommandId, NodeId } from '../../src/domain/ids.js'
import type { Json } from '../../src/domain/json.js'
import type { AttemptOutcome, RunCommand } from '../../src/domain/run/commands.js'
import { newId } from '../../src/platform/ids.js'
import type { OfferedMachine } from '../../src/queue/candidate.js'

/** What a task comes to; `null`: it is only started, and goes on. */
export interface End {
  readonly outcome?: AttemptOutcome | null
  readonly output?: Json
  readonly exitCode?: number
  readonly cpuSeconds?: number
  readonly verdict?: Verdict
}

const node = newId('node') as NodeId

/** Plays the dispatcher without any process: claims what is ready and says how it ended, until nothing is ready. */
export async function drive(
  bus: CommandBus,
  endOf: (claimed: Claimed) => End = () => ({}),
  machines: readonly OfferedMachine[] = [],
): Promise<Claimed[]> {
  const all: Claimed[] = []
  for (;;) {
    const claimed = await bus.claim({ node, machines, limit: 100 })
    if (claimed.length === 0) return all
    all.push(...claimed)
    await Promise.all(claimed.map((each) => report(bus, each, endOf(each))))
  }
}

async function report(bus: CommandBus, claimed: Claimed, end: End): Promise<void> {
  const { taskKey: task, fence } = claimed
  await send(bus, claimed.runId, { type: 'ReportStarted', task, fence, pid: 4711 })
  const { outcome = 'SUCCEEDED', output = null, exitCode = null, cpuSeconds = null, verdict } = end
  if (outcome === null) return
  const errorMessage = outcome === 'SUCCEEDED' ? null : `said ${outcome}`
  const result = { exitCode, errorMessage, cpuSeconds }
  await send(bus, claimed.runId, {
    ...{ type: 'ReportEnded', task, fence, outcome, result, output },
    ...(verdict === undefined ? {} : { verdict }),
  })
}

/** One command of the dispatcher's. */
export async function send(bus: CommandBus, runId: string, command: RunCommand): Promise<void> {
  const cause = { actor: node as string, correlationId: null, causationId: null, once: null }
  const id = newId('command') as CommandId
  const outcome = await bus.execute({ aggregate: 'run', command, id, streamId: runId, ...cause })
  if ('rejections' in outcome) throw new Error(`${command.type}: ${JSON.stringify(outcome.rejections)}`)
}
