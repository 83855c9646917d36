import { isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { z } from 'zod'

/** What a process does; a server does all of it unless told otherwise. */
export const ROLES = ['api', 'scheduler', 'dispatcher'] as const
export type Role = (typeof ROLES)[number]

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** Variables whose value never appears in a message; the URLs carry passwords. */
const SECRET_VARIABLES = new Set([
  'DATABASE_URL',
  'DATABASE_OWNER_URL',
  'REDIS_URL',
  'DAGBOOK_SECRET_KEY',
  'DAGBOOK_NEW_SECRET_KEY',
  'DAGBOOK_ADMIN_PASSWORD',
  'DAGBOOK_SMTP_URL',
])

const postgresUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\//, 'must be a URL that begins with postgres://')
  .optional()

const roles = z
  .string()
  .default(ROLES.join(','))
  .transform((text) => text.split(',').map((word) => word.trim()))
  .pipe(z.array(z.enum(ROLES, `must be a list of ${ROLES.join(', ')}, separated by commas`)))
  .transform((words) => ROLES.filter((role) => words.includes(role)))

/** A whole number; Of hours, megabytes ... */
const wholeNumber = (from: number, to: number) =>
  z
    .string()
    .refine(
      (text) => /^\d{1,12}$/.test(text) && Number(text) >= from && Number(text) <= to,
      `must be a whole number from ${from} to ${to}`,
    )
    .transform(Number)

/** Words separated by commas. */
const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  )
const hosts = list.refine(
  (entries) => entries.every(isHost),
  'must be a list of host names, addresses and blocks as 10.0.0.0/8',
)
/** Not of everything at once. */
const blocks = list.refine(
  (entries) => entries.every((entry) => isBlock(entry) && !/\/0+$/.test(entry)),
  'must be a list of addresses and blocks as 10.0.0.0/8',
)

function isHost(entry: string): boolean {
  return isBlock(entry) || /^[A-Za-z0-9._-]+$/.test(entry)
}

/** An address, or a block of them. */
function isBlock(entry: string): boolean {
  const [address = '', bits = null, ...more] = entry.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  return bits === null || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

const MB = 1_000_000
const HOUR_MS = 3_600_000

const variables = z.object({
  PORT: wholeNumber(0, 65_535).prefault('4000'),
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: postgresUrl,
  DATABASE_OWNER_URL: postgresUrl,
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must be a URL that begins with redis:// or rediss://')
    .optional(),
  DAGBOOK_DATA_DIR: z.string().default('.dagbook'),
  DAGBOOK_SECRET_KEY: z.string().min(32, 'must have 32 characters or more').optional(),
  DAGBOOK_NEW_SECRET_KEY: z.string().min(32, 'must have 32 characters or more').optional(),
  DAGBOOK_ADMIN_PASSWORD: z.string().min(8, 'must have 8 characters or more').optional(),
  DAGBOOK_EXAMPLES: z.enum(['on', 'off'], 'must be on or off').default('on'),
  DAGBOOK_URL: z
    .string()
    .regex(/^https?:\/\/[^\s]+$/, 'must be a URL that begins with http:// or https://')
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  DAGBOOK_TRUST_PROXY: blocks,
  DAGBOOK_LOCAL_DIRECTORY: z.string().default('.'),
  DAGBOOK_LOCAL_USER: z.string().optional(),
  DAGBOOK_MODULES_DIR: z.string().min(1).optional(),
  DAGBOOK_MAX_THREADS: wholeNumber(1, 1_000).prefault(String(availableParallelism())),
  DAGBOOK_LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
  DAGBOOK_ROLES: roles,
  DAGBOOK_SAMPLE_SECONDS: wholeNumber(0, 3_600).prefault('5'),
  DAGBOOK_SPOOL_KEEP_HOURS: wholeNumber(1, 8_760).prefault('24'),
  DAGBOOK_SPOOL_MIN_FREE_MB: wholeNumber(0, 1_000_000_000).prefault('256'),
  DAGBOOK_SPOOL_MAX_MB: wholeNumber(1, 1_000_000_000).optional(),
  DAGBOOK_OUTPUT_MAX_MB: wholeNumber(1, 1_000_000).prefault('1000'),
  DAGBOOK_WEBHOOK_ALLOW: hosts,
  DAGBOOK_SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, 'must be a URL that begins with smtp:// or smtps://')
    .optional(),
  DAGBOOK_MAIL_FROM: z.string().min(3).default('Dagbook <dagbook@localhost>'),
})

/** How this process was asked to run. Paths are absolute; null means that the variable is not set. */
export interface Config {
  /** 0 lets the system choose a free port. */
  readonly port: number
  readonly host: string
  /** null: an embedded PostgreSQL with its data in `dataDir`. */
  readonly databaseUrl: string | null
  /** Who migrates and owns the tables; `databaseUrl` unless set. */
  readonly databaseOwnerUrl: string | null
  /** Where the cache of runs is kept; null: in the database. */
  readonly redisUrl: string | null
  readonly dataDir: string
  readonly secretKey: string | null
  /** What `rotate-secret-key` puts in its place. */
  readonly newSecretKey: string | null
  readonly adminPassword: string | null
  readonly examples: boolean
  /** Where machines reach this API; null: only this host does, at the port that it listens on. */
  readonly url: string | null
  /** Addresses and blocks of proxies whose x-forwarded-for is believed. */
  readonly trustProxy: readonly string[]
  readonly localDirectory: string
  readonly localUser: string | null
  /** Whose functions tasks may call; null: none. */
  readonly modulesDir: string | null
  /** Of tasks at a time in this process. */
  readonly maxThreads: number
  readonly logLevel: (typeof LOG_LEVELS)[number]
  /** Between two samples of what an attempt uses; null: none are taken. */
  readonly sampleSeconds: number | null
  /** How long the mark of a forgotten attempt stays in its host's spool. */
  readonly spoolKeepMs: number
  /** With less free where a spool is, or with more in the spools of one machine (null: no limit), it takes nothing new. */
  readonly spoolLimits: { readonly minFreeBytes: number; readonly maxBytes: number | null }
  /** Of one attempt; what it prints beyond that is not kept. */
  readonly maxOutputBytes: number
  /** Hosts and blocks of addresses that webhooks may reach although they are not public. */
  readonly webhookAllow: readonly string[]
  /** Who sends mail; null: nobody. */
  readonly smtpUrl: string | null
  readonly mailFrom: string
  /** At least one, in the order of ROLES. */
  readonly roles: readonly Role[]
}

/** One or more variables break a rule; the message names each variable, its rule and, unless it is a secret, its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'INVALID_CONFIG'
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'))
  }
}

/**
 * Reads the environment, the only place that does. An empty variable counts as not set, as compose files leave them.
 * Throws ConfigError with every problem at once.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = variables.safeParse(given)
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map((issue) => describeIssue(issue, given)))
  const read = parsed.data
  if (read.DATABASE_OWNER_URL !== undefined && read.DATABASE_URL === undefined) {
    throw new ConfigError(['DATABASE_OWNER_URL needs DATABASE_URL, which is not set'])
  }
  return {
    port: read.PORT,
    host: read.HOST,
    databaseUrl: read.DATABASE_URL ?? null,
    databaseOwnerUrl: read.DATABASE_OWNER_URL ?? read.DATABASE_URL ?? null,
    redisUrl: read.REDIS_URL ?? null,
    dataDir: path.resolve(read.DAGBOOK_DATA_DIR),
    secretKey: read.DAGBOOK_SECRET_KEY ?? null,
    newSecretKey: read.DAGBOOK_NEW_SECRET_KEY ?? null,
    adminPassword: read.DAGBOOK_ADMIN_PASSWORD ?? null,
    examples: read.DAGBOOK_EXAMPLES === 'on',
    url: read.DAGBOOK_URL ?? null,
    trustProxy: read.DAGBOOK_TRUST_PROXY,
    localDirectory: path.resolve(read.DAGBOOK_LOCAL_DIRECTORY),
    localUser: read.DAGBOOK_LOCAL_USER ?? null,
    modulesDir: read.DAGBOOK_MODULES_DIR === undefined ? null : path.resolve(read.DAGBOOK_MODULES_DIR),
    maxThreads: read.DAGBOOK_MAX_THREADS,
    logLevel: read.DAGBOOK_LOG_LEVEL,
    sampleSeconds: read.DAGBOOK_SAMPLE_SECONDS === 0 ? null : read.DAGBOOK_SAMPLE_SECONDS,
    spoolKeepMs: read.DAGBOOK_SPOOL_KEEP_HOURS * HOUR_MS,
    spoolLimits: {
      minFreeBytes: read.DAGBOOK_SPOOL_MIN_FREE_MB * MB,
      maxBytes: read.DAGBOOK_SPOOL_MAX_MB === undefined ? null : read.DAGBOOK_SPOOL_MAX_MB * MB,
    },
    maxOutputBytes: read.DAGBOOK_OUTPUT_MAX_MB * MB,
    webhookAllow: read.DAGBOOK_WEBHOOK_ALLOW,
    smtpUrl: read.DAGBOOK_SMTP_URL ?? null,
    mailFrom: read.DAGBOOK_MAIL_FROM,
    roles: read.DAGBOOK_ROLES,
  }
}

function describeIssue(issue: z.core.$ZodIssue, env: Readonly<Record<string, string | undefined>>): string {
  const name = String(issue.path[0])
  const value = SECRET_VARIABLES.has(name) ? '(a secret, not shown)' : JSON.stringify(env[name])
  return `${name} ${issue.message}, given ${value}`
}
