import { z } from 'zod'
import type { Json } from '../domain/json.js'
import type { Rejection } from '../domain/rejection.js'
import { SECRET_NAME } from './check-values.js'
import type { SlaScopeName } from './sla-conditions.js'
import type { SlaSubject } from './sla-facts.js'

const MAX_ACTIONS = 20
const MAX_RECIPIENTS = 50
const MAX_RERUNS = 10
/** From the lowest priority to the highest. */
const MAX_RAISE = 200

const ADDRESS = /^[^\s@<>,;]{1,64}@[^\s@<>,;]{1,190}$/
const USER = /^user_[0-9a-z]{26}$/

const id = (prefix: string) => z.string().regex(new RegExp(`^${prefix}_[0-9a-z]{26}$`), `must be an id, ${prefix}_...`)

/** Whether it is told, too, that the breach is over. */
const onResolved = z.boolean().optional()

const webhook = z.strictObject({
  type: z.literal('webhook'),
  url: z.string().max(2_000).refine(isWebUrl, 'must be an http or https URL without a user, a password or a fragment'),
  /** Of a project: which one, SLAs of no project say in projectId. */
  secret: z.string().regex(SECRET_NAME, 'must be the name of a secret').optional(),
  projectId: id('project').optional(),
  onResolved,
})

const email = z.strictObject({
  type: z.literal('email'),
  to: z
    .array(
      z
        .string()
        .refine((to) => isUserId(to) || ADDRESS.test(to), 'must be the id of a user, or the address of a mailbox'),
    )
    .min(1)
    .max(MAX_RECIPIENTS),
  onResolved,
})

const cancelRun = z.strictObject({ type: z.literal('cancelRun') })

const retry = z.strictObject({
  type: z.literal('retry'),
  /** How many reruns of reruns. */
  maxReruns: z.int().min(1).max(MAX_RERUNS).default(1),
})

const raisePriority = z.strictObject({ type: z.literal('raisePriority'), by: z.int().min(1).max(MAX_RAISE) })

const pauseQueue = z.strictObject({ type: z.literal('pauseQueue'), queueId: id('queue') })

const triggerDag = z.strictObject({
  type: z.literal('triggerDag'),
  dagId: id('dag'),
  parameters: z.record(z.string(), z.json()).default({}),
})

const action = z.discriminatedUnion('type', [webhook, email, cancelRun, retry, raisePriority, pauseQueue, triggerDag])
const list = z.array(action).max(MAX_ACTIONS, `must be at most ${MAX_ACTIONS}`)

/** One thing to do when an SLA is broken. */
export type SlaAction = z.infer<typeof action>

/** What needs a run that is there to be done something to. */
const OF_RUNS: ReadonlySet<string> = new Set(['cancelRun', 'retry', 'raisePriority'])

/** The actions with their defaults, or everything that is wrong with them, with paths from `actions` on. */
export function checkSlaActions(
  given: Json,
  scope: SlaScopeName,
  subject: SlaSubject | null,
): { readonly actions: readonly SlaAction[] } | { readonly problems: readonly Rejection[] } {
  const parsed = list.safeParse(given)
  if (!parsed.success) return { problems: parsed.error.issues.map(problemOf) }
  const problems = parsed.data.flatMap((each, at) => misplaced(each, at, scope, subject))
  return problems.length > 0 ? { problems } : { actions: parsed.data }
}

/** Whether a letter's recipient is a user; else it is the address of a mailbox. */
export function isUserId(recipient: string): boolean {
  return USER.test(recipient)
}

/** Stored actions, which were checked when they were stored. */
export function readSlaActions(stored: readonly unknown[]): readonly SlaAction[] {
  return list.parse(stored)
}

function problemOf({ path, message }: z.core.$ZodIssue): Rejection {
  const where = path.map(String)
  return {
    code: 'INVALID',
    message: `actions${where.map((part) => `.${part}`).join('')} ${message}`,
    path: ['actions', ...where],
  }
}

function misplaced(each: SlaAction, at: number, scope: SlaScopeName, subject: SlaSubject | null): Rejection[] {
  const path = ['actions', String(at)]
  const isOfProject = scope === 'project' || scope === 'dag' || scope === 'task'
  const problems: Rejection[] = []
  const wrong = (message: string, ...more: string[]) =>
    problems.push({ code: 'INVALID', message, path: [...path, ...more] })
  if (OF_RUNS.has(each.type) && subject !== null && subject !== 'RUN' && subject !== 'TASK') {
    wrong(`${each.type} needs conditions over runs or tasks, given facts of ${subject}`, 'type')
  }
  if (each.type === 'retry' && subject === 'TASK')
    wrong('retry needs conditions over runs, given facts of TASK', 'type')
  if (each.type === 'webhook' && isOfProject && each.projectId !== undefined) {
    wrong("projectId is for SLAs of no project; this one's secret is its project's", 'projectId')
  }
  if (each.type === 'webhook' && !isOfProject && (each.secret === undefined) !== (each.projectId === undefined)) {
    wrong(
      'secret and projectId go together in an SLA of no project',
      each.secret === undefined ? 'secret' : 'projectId',
    )
  }
  return problems
}

function isWebUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, hash } = new URL(text)
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '' && hash === ''
}
