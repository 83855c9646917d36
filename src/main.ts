import 'reflect-metadata'
import { hostname } from 'node:os'
import path from 'node:path'
import { migrations } from '../migrations/index.js'
import { Access } from './access/access.js'
import { TaskTokens } from './access/task-token.js'
import { createApi } from './api/create-api.js'
import { openCache } from './cache/open-cache.js'
import { CommandBus } from './commands/command-bus.js'
import { ensureAdministrator } from './commands/ensure-administrator.js'
import { ensureCapacity } from './commands/ensure-capacity.js'
import { ensureExamples } from './commands/ensure-examples.js'
import { exampleSources } from './commands/example-sources.js'
import { Plans } from './commands/plans.js'
import { Streams } from './commands/streams.js'
import { evaluate } from './definitions/evaluate.js'
import { linearPattern } from './definitions/linear-pattern.js'
import { resolveTemplateInputs } from './definitions/template-inputs.js'
import { resolveValues } from './definitions/template-values.js'
import { SecretStore } from './dispatcher/attempt-secrets.js'
import { Dispatcher } from './dispatcher/dispatcher.js'
import { MachineFleet } from './dispatcher/machine-fleet.js'
import { OutputStore } from './dispatcher/output-store.js'
import { Rescuer } from './dispatcher/rescuer.js'
import { SampleStore } from './dispatcher/sample-store.js'
import { SpoolCleaner } from './dispatcher/spool-cleaner.js'
import { type OwnAddress, taskAccessOf } from './dispatcher/task-access.js'
import type { NodeId } from './domain/ids.js'
import { createEngines } from './engines/engines.js'
import { Keeper } from './history/keeper.js'
import { Tail } from './history/tail.js'
import { LOGIN_PATH } from './machines/command-spec.js'
import { createLocalMachine } from './machines/local.js'
import { spoolIdentity } from './machines/spool-identity.js'
import { systemClock } from './platform/clock.js'
import type { Config } from './platform/config.js'
import { APPLICATION_ROLE, type Database, type DatabaseOptions, openDatabase } from './platform/database.js'
import { createEncryption, type Encryption } from './platform/encryption.js'
import { Hints } from './platform/hints.js'
import { newId } from './platform/ids.js'
import { Lifecycle, StoppedWhileStartingError } from './platform/lifecycle.js'
import { createLogger, type Logger } from './platform/logger.js'
import type { Loop } from './platform/loop.js'
import { migrate } from './platform/migrate.js'
import { ownVersion } from './platform/own-version.js'
import { startEmbeddedPostgres } from './platform/postgres/embedded-postgres.js'
import { processStartedAt } from './platform/process-identity.js'
import { readConfig } from './platform/read-config.js'
import { openSecretKey } from './platform/secret-key.js'
import { stopOnSignals } from './platform/signals.js'
import { endLeases, nodesOnHost, registerNode } from './queue/node-lease.js'
import { createSlaReactor } from './reactors/create-sla-reactor.js'
import { Scheduler } from './scheduler/scheduler.js'
import { SlaClock } from './scheduler/sla-clock.js'

/** How long what runs inside this process may go on after it was asked to stop. */
const GRACE_MS = 10_000
/** The API's own deadline for a query: a statement that outlives it works for nobody. */
const QUERY_TIMEOUT_MS = 10_000

/** Where the data is: a server of the user's, or one of our own. */
interface Urls {
  readonly ownerUrl: string
  readonly appUrl: string
}

async function postgres(config: Config, lifecycle: Lifecycle, logger: Logger): Promise<Urls> {
  if (config.databaseUrl !== null && config.databaseOwnerUrl !== null) {
    return { ownerUrl: config.databaseOwnerUrl, appUrl: config.databaseUrl }
  }
  return lifecycle.begin({
    name: 'PostgreSQL',
    startDeadlineMs: 120_000,
    start: () => startEmbeddedPostgres({ dataDir: config.dataDir, logger }),
    stop: (server) => server.stop(),
  })
}

function database(lifecycle: Lifecycle, url: string, name: string, settings: Partial<DatabaseOptions>, logger: Logger) {
  return lifecycle.begin<Database>({
    name: `connections of ${name}`,
    start: () => openDatabase({ url, role: APPLICATION_ROLE, applicationName: name, logger, ...settings }),
    stop: (opened) => opened.close(),
  })
}

/** What everything else stands on: the journal's writers and its one reader. */
async function journal(lifecycle: Lifecycle, reads: Database, writes: Database, logger: Logger) {
  const tail = await lifecycle.begin({
    name: 'tail of the journal',
    start: async (signal) => {
      const started = new Tail(reads, logger)
      await started.runOnce()
      started.start(signal)
      return started
    },
    stop: (started) => started.stop(),
  })
  await run(lifecycle, new Keeper(reads, logger))
  const plans = new Plans()
  const streams = new Streams(plans)
  const dependencies = {
    database: writes,
    streams,
    clock: systemClock,
    random: Math.random,
    evaluate,
  }
  const bus = await lifecycle.begin({
    name: 'commands',
    start: () => new CommandBus(dependencies, (head) => tail.nudge(head)),
    stop: (started) => started.drained(),
  })
  return { tail, bus, plans }
}

function loop<Started extends { start(signal: AbortSignal): void }>(started: Started, signal: AbortSignal): Started {
  started.start(signal)
  return started
}

/** A loop that goes on until the server stops. */
async function run(lifecycle: Lifecycle, each: Loop): Promise<void> {
  await lifecycle.begin({ name: each.name, start: (signal) => loop(each, signal), stop: () => each.stop() })
}

/** This process among others, and the host that it stands on. */
async function register(config: Config, lifecycle: Lifecycle, reads: Database, version: string) {
  const spoolDir = path.join(config.dataDir, 'spool')
  const { machineId, spoolId } = await spoolIdentity(spoolDir)
  const hostIdentity = `${machineId}/${spoolId}`
  const neighbours = await nodesOnHost(reads.pool, hostIdentity)
  const dead = neighbours.filter((node) => processStartedAt(node.pid) !== node.pidStartedAt)
  await endLeases(
    reads.pool,
    dead.map(({ id }) => id),
  )
  const node = newId('node') as NodeId
  const process_ = { pid: process.pid, pidStartedAt: processStartedAt(process.pid) ?? '', hostname: hostname() }
  await lifecycle.begin({
    name: 'registration',
    start: () => registerNode(reads.pool, { id: node, hostIdentity, ...process_, roles: config.roles, version }),
    stop: () => endLeases(reads.pool, [node]),
  })
  return { node, hostIdentity, spoolDir }
}

async function main(): Promise<void> {
  const config = readConfig()
  const logger = createLogger({ level: config.logLevel })
  const lifecycle = new Lifecycle(logger)
  stopOnSignals(lifecycle)
  try {
    await start(config, lifecycle, logger)
  } catch (error) {
    if (error instanceof StoppedWhileStartingError) return
    logger.fatal({ err: error }, 'The server did not start')
    await lifecycle.stop('it did not start')
    process.exit(1)
  }
}

/** Claims work for this host and executes it. */
async function dispatch(config: Config, lifecycle: Lifecycle, parts: Parts): Promise<void> {
  const { reads, bus, tail, node, hostIdentity, spoolDir, outputHints, encryption, logger } = parts
  const local = await ensureCapacity(reads, bus, hostIdentity)
  if (!config.roles.includes('dispatcher')) return
  const machine = await lifecycle.begin({
    name: `machine ${local.name}`,
    start: () =>
      createLocalMachine({
        spoolDir,
        defaultDirectory: config.localDirectory,
        user: config.localUser,
        sampleSeconds: config.sampleSeconds,
        path: `${LOGIN_PATH}:${path.dirname(process.execPath)}`,
        logger,
      }),
    stop: (started) => started.close(),
  })
  const reached = { ...config, local: { ...local, machine }, database: reads, bus, encryption, node, logger }
  const fleet = await lifecycle.begin({
    name: 'machines over SSH',
    start: async (signal) => loop(new MachineFleet(reached), signal),
    stop: (started) => started.close(),
  })
  const engines = createEngines(config, resolveValues, resolveTemplateInputs, linearPattern)
  const secretStore = new SecretStore(reads, encryption)
  const samples = new SampleStore(reads, systemClock, logger)
  const reach = { ...config, servesApi: config.roles.includes('api'), localId: local.id, own: parts.own }
  const taskAccess = taskAccessOf({ ...reach, tokenOf: (attempt) => parts.taskTokens.issue(attempt) })
  const outputs = new OutputStore(reads, node, outputHints, config.maxOutputBytes)
  const stores = { outputs, samples, secretStore, taskAccess }
  const dispatcher = new Dispatcher({ database: reads, bus, tail, node, fleet, engines, ...stores, logger })
  await lifecycle.begin({
    name: 'dispatcher',
    start: () => dispatcher.start(),
    stop: () => dispatcher.stop(GRACE_MS).then(() => samples.flush()),
    stopDeadlineMs: 3 * GRACE_MS,
  })
  const rescuer = new Rescuer(reads, dispatcher, fleet, node, logger)
  const cleaner = new SpoolCleaner({ fleet, database: reads, secretStore, keepMs: config.spoolKeepMs, logger })
  await run(lifecycle, rescuer)
  await run(lifecycle, cleaner)
}

/** Fires what is due, watches SLAs, and does what these ask for. */
async function schedule(config: Config, lifecycle: Lifecycle, parts: Parts): Promise<void> {
  const { reads: database, bus, tail, plans, encryption, logger } = parts
  const common = { database, bus, tail, plans, encryption, clock: systemClock, logger }
  await run(lifecycle, new Scheduler(common))
  await run(lifecycle, await createSlaReactor(common, config))
  await run(lifecycle, new SlaClock(common))
}

interface Parts {
  readonly appUrl: string
  readonly reads: Database
  readonly bus: CommandBus
  readonly tail: Tail
  readonly plans: Plans
  readonly outputHints: Hints
  readonly encryption: Encryption
  readonly taskTokens: TaskTokens
  readonly own: OwnAddress
  readonly node: NodeId
  readonly hostIdentity: string
  readonly spoolDir: string
  readonly logger: Logger
}

async function start(config: Config, lifecycle: Lifecycle, logger: Logger): Promise<void> {
  const version = await ownVersion()
  const { ownerUrl, appUrl } = await postgres(config, lifecycle, logger)
  await migrate({ ownerUrl, applicationUrl: appUrl, migrations, logger })
  const reads = await database(lifecycle, appUrl, 'dagbook', {}, logger)
  const writes = await database(
    lifecycle,
    appUrl,
    'dagbook-commands',
    { isPipelined: true, isPlannedOnce: true, poolSize: 4, idleInTransactionTimeoutMs: 5_000 },
    logger,
  )
  const { tail, bus, plans } = await journal(lifecycle, reads, writes, logger)
  const { node, hostIdentity, spoolDir } = await register(config, lifecycle, reads, version)
  const secretKey = await openSecretKey({ configured: config.secretKey, dataDir: config.dataDir })
  const parts: Parts = {
    appUrl,
    reads,
    bus,
    tail,
    plans,
    outputHints: new Hints(),
    encryption: createEncryption(secretKey),
    own: { address: null },
    taskTokens: new TaskTokens(secretKey.deriveKey('task-token')),
    node,
    hostIdentity,
    spoolDir,
    logger,
  }
  const access = new Access({ database: reads, clock: systemClock, secretKey })
  await dispatch(config, lifecycle, parts)
  if (config.roles.includes('scheduler')) await schedule(config, lifecycle, parts)
  const dependencies = { database: reads, bus, clock: systemClock, access, plans }
  const password = await ensureAdministrator(dependencies, config.adminPassword)
  if (config.examples) await ensureExamples(dependencies, await exampleSources(), ['fan-out-fan-in'])
  if (config.roles.includes('api')) await listen(config, lifecycle, parts, access, version)
  if (password !== null) announce(password)
}

async function listen(config: Config, lifecycle: Lifecycle, parts: Parts, access: Access, version: string) {
  const { bus, tail, plans, outputHints, encryption, taskTokens, logger } = parts
  const settings = { statementTimeoutMs: QUERY_TIMEOUT_MS, poolSize: 16 }
  const queries = await database(lifecycle, parts.appUrl, 'dagbook-api', settings, logger)
  const { redisUrl, trustProxy } = config
  const caches = await openCache(lifecycle, { redisUrl, database: queries, clock: systemClock, logger })
  const common = { bus, clock: systemClock, logger, tail, plans, outputHints, taskTokens, access, encryption }
  await lifecycle.begin({
    name: 'API',
    start: async () => {
      const services = { ...common, ...caches, version, database: queries, allowedOrigins: [], trustProxy }
      const api = await createApi(services)
      const address = await api.listen(config.host, config.port)
      parts.own.address = address
      logger.info({ address: `${address}/graphql` }, `Dagbook ${version} is ready at ${address}/graphql`)
      return api
    },
    stop: (api) => api.close(),
  })
}

/** To the terminal and never to the log: it is shown this once. */
function announce(password: string): void {
  console.log(
    `\n  The administrator is admin, with the password ${password}\n  It is shown this once. Sign in: npm run dagbook -- login --username admin\n`,
  )
}

await main()
