import { readSecrets } from '../commands/secrets.js'
import type { SlaAction } from '../definitions/sla-actions.js'
import type { Encryption } from '../platform/encryption.js'
import type { Reader } from '../projections/list.js'
import type { Addresses } from './addresses.js'
import type { Claimed } from './deliveries.js'
import type { Mailer } from './mailer.js'
import { cloudEventOf, letterOf, type Notice } from './notice.js'
import { type Delivered, sendWebhook } from './send-webhook.js'
import { webhookHeaders } from './sign-webhook.js'

/** An action that is told to somebody. */
export type Message = Extract<SlaAction, { type: 'webhook' } | { type: 'email' }>

export interface MessageDependencies {
  readonly db: Reader
  readonly encryption: Encryption
  readonly addresses: Addresses
  /** Null: no SMTP server is known. */
  readonly mailer: Mailer | null
}

/** Sends it once. Throws what the database or the mail server says. */
export function sendMessage(
  dependencies: MessageDependencies,
  claimed: Claimed,
  action: Message,
  notice: Notice,
  at: { readonly now: Date; readonly signal: AbortSignal },
): Promise<Delivered> {
  return action.type === 'webhook'
    ? webhook(dependencies, claimed, action, notice, at)
    : mail(dependencies, claimed, action, notice)
}

async function webhook(
  { db, encryption, addresses }: MessageDependencies,
  claimed: Claimed,
  { url, secret, projectId }: Extract<Message, { type: 'webhook' }>,
  notice: Notice,
  { now, signal }: { readonly now: Date; readonly signal: AbortSignal },
): Promise<Delivered> {
  const key = secret === undefined ? null : await secretOf(db, encryption, projectId ?? notice.sla.projectId, secret)
  if (key === undefined) return failed(`Secret ${secret} is not there, or cannot be read by this server`)
  const body = cloudEventOf(notice, claimed.occasion)
  const content = { id: idOf(claimed), timestamp: Math.floor(now.getTime() / 1_000), body }
  const headers = { 'content-type': 'application/cloudevents+json; charset=UTF-8', ...webhookHeaders(content, key) }
  return sendWebhook({ url, headers, body }, addresses, signal)
}

async function secretOf(
  db: Reader,
  encryption: Encryption,
  projectId: string | null,
  name: string,
): Promise<string | undefined> {
  if (projectId === null) return undefined
  return (await readSecrets(db, encryption, [projectId], [name])).get(`${projectId}/${name}`) ?? undefined
}

async function mail(
  { db, mailer }: MessageDependencies,
  claimed: Claimed,
  { to }: Extract<Message, { type: 'email' }>,
  notice: Notice,
): Promise<Delivered> {
  if (mailer === null) return failed('DAGBOOK_SMTP_URL is not set on this server')
  const addresses = await addressesOf(db, to)
  if (addresses.length === 0) return failed('Nobody of those who are to get it has an e-mail address')
  await mailer.send({ messageId: `<${idOf(claimed)}@dagbook>`, to: addresses, ...letterOf(notice, claimed.occasion) })
  return { isDone: true, isFinal: true, responseCode: null, message: null }
}

const PEOPLE = `
  SELECT p.email FROM person p JOIN app_user u ON u.id = p.user_id
  WHERE p.user_id = ANY($1::text[]) AND p.email IS NOT NULL AND u.is_active ORDER BY p.user_id`

/** Of people as it is by now; one who was erased has none. */
async function addressesOf(db: Reader, to: readonly string[]): Promise<string[]> {
  const ids = to.filter((each) => each.startsWith('user_'))
  const { rows } = await db.query<{ email: string }>(PEOPLE, [ids])
  return [...to.filter((each) => !ids.includes(each)), ...rows.map(({ email }) => email)]
}

/** The same for every try. */
function idOf({ breachId, index, occasion }: Claimed): string {
  return `${breachId}.${index}${occasion === 'RESOLVED' ? '.resolved' : ''}`
}

function failed(message: string): Delivered {
  return { isDone: false, isFinal: true, responseCode: null, message }
}
