import 'reflect-metadata'
import { randomBytes } from 'node:crypto'
import os from 'node:os'
import { migrations } from '../../dist/migrations/index.js'
import { CommandBus } from '../../dist/src/commands/command-bus.js'
import { ensureCapacity } from '../../dist/src/commands/ensure-capacity.js'
import { Plans } from '../../dist/src/commands/plans.js'
import { Streams } from '../../dist/src/commands/streams.js'
import { evaluate } from '../../dist/src/definitions/evaluate.js'
import { SecretStore } from '../../dist/src/dispatcher/attempt-secrets.js'
import { Dispatcher } from '../../dist/src/dispatcher/dispatcher.js'
import { MachineFleet } from '../../dist/src/dispatcher/machine-fleet.js'
import { OutputStore } from '../../dist/src/dispatcher/output-store.js'
import { Rescuer } from '../../dist/src/dispatcher/rescuer.js'
import { SampleStore } from '../../dist/src/dispatcher/sample-store.js'
import { Keeper } from '../../dist/src/history/keeper.js'
import { Tail } from '../../dist/src/history/tail.js'
import { systemClock } from '../../dist/src/platform/clock.js'
import { APPLICATION_ROLE, openDatabase } from '../../dist/src/platform/database.js'
import { createEncryption } from '../../dist/src/platform/encryption.js'
import { Hints } from '../../dist/src/platform/hints.js'
import { newId } from '../../dist/src/platform/ids.js'
import { createLogger } from '../../dist/src/platform/logger.js'
import { migrate } from '../../dist/src/platform/migrate.js'
import { processStartedAt } from '../../dist/src/platform/process-identity.js'
import { openSecretKey } from '../../dist/src/platform/secret-key.js'
import { registerNode } from '../../dist/src/queue/node-lease.js'
import { Scheduler } from '../../dist/src/scheduler/scheduler.js'

/** Anything that a server would warn of spoils a measurement, so it goes to stderr. */
const logger = createLogger({ level: 'warn', stream: 'stderr' })

/**
 * What `src/main.ts` wires, in this process and without its doors for people: the journal's tail and keeper, the
 * commands, the scheduler, and on request the dispatcher with its rescuer, all as the application's role.
 */
export async function openServer(url) {
  await migrate({ ownerUrl: url, migrations, logger })
  const open = (applicationName, isPipelined) =>
    openDatabase({ url, role: APPLICATION_ROLE, applicationName, isPipelined, isPlannedOnce: isPipelined, logger })
  const reads = await open('dagbook', false)
  const writes = await open('dagbook-commands', true)
  const { signal } = new AbortController()
  const tail = new Tail(reads, logger)
  await tail.runOnce()
  const plans = new Plans()
  const bus = new CommandBus(
    {
      database: writes,
      streams: new Streams(plans),
      clock: systemClock,
      random: Math.random,
      evaluate,
    },
    (head) => tail.nudge(head),
  )
  const scheduler = new Scheduler({ database: reads, bus, tail, plans, clock: systemClock, logger })
  for (const loop of [tail, new Keeper(reads, logger), scheduler]) {
    loop.start(signal)
  }
  const secretKey = await openSecretKey({ configured: randomBytes(32).toString('hex'), dataDir: '' })
  return { url, reads, bus, tail, signal, encryption: createEncryption(secretKey) }
}

/**
 * Registers this process as a node and claims from now on. `bus` may be one that looks on (observed-bus.mjs); `engines`
 * are asked for anything but noop, which is the dispatcher's own. Nothing is started on this host. Answers the machines.
 */
export async function startDispatcher(server, bus, engines = {}) {
  const { reads, tail, signal, encryption } = server
  const node = newId('node')
  const { pid } = process
  const process_ = { pid, pidStartedAt: processStartedAt(pid) ?? '', hostname: os.hostname() }
  const roles = ['api', 'scheduler', 'dispatcher']
  await registerNode(reads.pool, { id: node, hostIdentity: 'bench', ...process_, roles, version: 'bench' })
  const outputs = new OutputStore(reads, node, new Hints())
  const local = { ...(await ensureCapacity(reads, server.bus, 'bench')), machine: null }
  const spoolLimits = { minFreeBytes: 0, maxBytes: null }
  const fleet = new MachineFleet({ local, database: reads, bus: server.bus, encryption, node, spoolLimits, logger })
  fleet.start(signal)
  const secretStore = new SecretStore(reads, encryption)
  const stores = { outputs, samples: new SampleStore(reads, systemClock, logger), secretStore }
  const dispatcher = new Dispatcher({ database: reads, bus, tail, node, fleet, engines, ...stores, logger })
  dispatcher.start()
  new Rescuer(reads, dispatcher, fleet, node, logger).start(signal)
  return fleet
}
