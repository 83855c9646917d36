import { CommandBus } from '../../src/commands/command-bus.js'
import { ensureCapacity } from '../../src/commands/ensure-capacity.js'
import { Plans } from '../../src/commands/plans.js'
import { Streams } from '../../src/commands/streams.js'
import { evaluate } from '../../src/definitions/evaluate.js'
import { linearPattern } from '../../src/definitions/linear-pattern.js'
import { resolveTemplateInputs } from '../../src/definitions/template-inputs.js'
import { resolveValues } from '../../src/definitions/template-values.js'
import { SecretStore } from '../../src/dispatcher/attempt-secrets.js'
import { Dispatcher, type TaskAccess } from '../../src/dispatcher/dispatcher.js'
import { MachineFleet } from '../../src/dispatcher/machine-fleet.js'
import { OutputStore } from '../../src/dispatcher/output-store.js'
import { Rescuer } from '../../src/dispatcher/rescuer.js'
import { SampleStore } from '../../src/dispatcher/sample-store.js'
import type { SpoolLimits } from '../../src/dispatcher/spool-room.js'
import type { NodeId } from '../../src/domain/ids.js'
import { createEngines } from '../../src/engines/engines.js'
import { Tail } from '../../src/history/tail.js'
import { createLocalMachine } from '../../src/machines/local.js'
import type { Machine } from '../../src/machines/machine.js'
import { type Clock, systemClock } from '../../src/platform/clock.js'
import { APPLICATION_ROLE, type Database, openDatabase } from '../../src/platform/database.js'
import { createEncryption } from '../../src/platform/encryption.js'
import { Hints } from '../../src/platform/hints.js'
import { newId } from '../../src/platform/ids.js'
import { type Logger, silentLogger } from '../../src/platform/logger.js'
import { registerNode } from '../../src/queue/node-lease.js'
import { Scheduler } from '../../src/scheduler/scheduler.js'
import { secretKey } from './secret-key.js'

export interface WiringOptions {
  readonly url: string
  readonly spoolDir: string
  /** Where commands begin. */
  readonly directory: string
  readonly clock?: Clock
  readonly logger?: Logger
  /** Of the host that it believes to be on; those on one host need one spool. Default: the same for all. */
  readonly hostIdentity?: string
  /** Instead of the local machine. */
  readonly machine?: (local: Machine) => Machine
  /** Default: none. */
  readonly spoolLimits?: SpoolLimits
  /** Of one attempt; default: no limit. */
  readonly maxOutputBytes?: number
  /** Between two samples of an attempt. Default: none are taken. */
  readonly sampleSeconds?: number
  /** What attempts are given to reach the cache of their run. Default: nothing. */
  readonly taskAccess?: TaskAccess
  /** Whose functions tasks may call. Default: none. */
  readonly modulesDir?: string
  /** Instead of the database that commands write to. */
  readonly writes?: (writes: Database) => Database
}

/** A server without its doors: domain, bus, tail, and on demand dispatcher, rescuer and scheduler, wired as main does. */
export interface Wiring {
  readonly node: NodeId
  readonly reads: Database
  readonly bus: CommandBus
  readonly tail: Tail
  readonly machine: Machine
  readonly fleet: MachineFleet
  readonly dispatcher: Dispatcher
  readonly rescuer: Rescuer
  readonly scheduler: Scheduler
  /** Begins to dispatch: dispatcher, rescuer and scheduler. */
  dispatch(): void
  /** Ends all, as gently as the grace allows; again: does nothing. */
  stop(graceMs?: number): Promise<void>
}

export async function openWiring(options: WiringOptions): Promise<Wiring> {
  const { url, clock = systemClock, logger = silentLogger } = options
  const reads = await openDatabase({ url, role: APPLICATION_ROLE, applicationName: 'test-reads', logger })
  const opened = await openDatabase({
    url,
    role: APPLICATION_ROLE,
    applicationName: 'test-commands',
    isPipelined: true,
    poolSize: 4,
    // A server that stands still amid a commit would keep all others from theirs for that long.
    idleInTransactionTimeoutMs: 5_000,
    logger,
  })
  const writes = options.writes?.(opened) ?? opened
  const tail = new Tail(reads, logger)
  const stopping = new AbortController()
  const plans = new Plans()
  const streams = new Streams(plans)
  const context = { clock, random: Math.random, evaluate }
  const bus = new CommandBus({ database: writes, streams, ...context }, (head) => tail.nudge(head))
  const { local, node, own } = await prepare(reads, bus, options).catch(async (error: unknown) => {
    await Promise.all([opened.close(), reads.close()])
    throw error
  })
  await tail.runOnce()
  tail.start(stopping.signal)
  const machine = options.machine?.(own) ?? own
  const encryption = createEncryption(secretKey)
  const { spoolLimits = { minFreeBytes: 0, maxBytes: null }, sampleSeconds = null } = options
  const limits = { spoolLimits, sampleSeconds }
  const reached = { local: { ...local, machine }, database: reads, bus, encryption, node, ...limits, logger }
  const fleet = new MachineFleet(reached)
  const engines = createEngines(
    { modulesDir: options.modulesDir ?? null, maxThreads: 2, sampleSeconds },
    resolveValues,
    resolveTemplateInputs,
    linearPattern,
  )
  const outputs = new OutputStore(reads, node, new Hints(), options.maxOutputBytes)
  const samples = new SampleStore(reads, clock, logger)
  const secretStore = new SecretStore(reads, encryption)
  const { taskAccess } = options
  const stores = { outputs, samples, secretStore, ...(taskAccess === undefined ? {} : { taskAccess }) }
  const dispatcher = new Dispatcher({ database: reads, bus, tail, node, fleet, engines, ...stores, logger })
  const rescuer = new Rescuer(reads, dispatcher, fleet, node, logger)
  const scheduler = new Scheduler({ database: reads, bus, tail, plans, clock, logger })
  let isStopped = false
  return {
    node,
    reads,
    bus,
    tail,
    machine,
    fleet,
    dispatcher,
    rescuer,
    scheduler,
    dispatch() {
      fleet.start(stopping.signal)
      dispatcher.start()
      rescuer.start(stopping.signal)
      scheduler.start(stopping.signal)
    },
    async stop(graceMs = 5_000) {
      if (isStopped) return
      isStopped = true
      stopping.abort()
      await Promise.all([scheduler.stop(), rescuer.stop()])
      await dispatcher.stop(graceMs)
      await samples.flush()
      await fleet.close()
      await own.close()
      await bus.drained()
      await tail.stop()
      await Promise.all([opened.close(), reads.close()])
    },
  }
}

/** What fails first when something is wrong, before anything runs. */
async function prepare(reads: Database, bus: CommandBus, options: WiringOptions) {
  const { spoolDir, directory, sampleSeconds, hostIdentity = 'host of the tests' } = options
  const local = await ensureCapacity(reads, bus, hostIdentity)
  const node = newId('node') as NodeId
  const { pid } = process
  const host = { hostIdentity, hostname: 'test', pid, pidStartedAt: '' }
  await registerNode(reads.pool, { id: node, ...host, roles: ['dispatcher'], version: '0' })
  const own = await createLocalMachine({ spoolDir, defaultDirectory: directory, user: null, sampleSeconds })
  return { local, node, own }
}
