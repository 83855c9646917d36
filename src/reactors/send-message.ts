import { readRecipients } from '../access/read-recipients.js'
import { readSecrets } from '../commands/secrets.js'
import { isUserId, type SlaAction } from '../definitions/sla-actions.js'
import type { Database } from '../platform/database.js'
import type { Encryption } from '../platform/encryption.js'
import type { Reader } from '../projections/list.js'
import type { Addresses } from './addresses.js'
import { type Claimed, noteTold } from './deliveries.js'
import type { Mailer } from './mailer.js'
import { cloudEventOf, letterOf, type Notice } from './notice.js'
import { type Delivered, sendWebhook } from './send-webhook.js'
import { webhookHeaders } from './sign-webhook.js'

/** An action that is told to somebody. */
export type Message = Extract<SlaAction, { type: 'webhook' } | { type: 'email' }>

export interface MessageDependencies {
  readonly database: Database
  readonly encryption: Encryption
  readonly addresses: Addresses
  /** Null: no SMTP server is known. */
  readonly mailer: Mailer | null
}

/** Sends it once. Throws what the database says. */
export function sendMessage(
  dependencies: MessageDependencies,
  claimed: Claimed,
  action: Message,
  notice: Notice,
  at: { readonly now: Date; readonly signal: AbortSignal },
): Promise<Delivered> {
  return action.type === 'webhook'
    ? webhook(dependencies, claimed, action, notice, at)
    : mail(dependencies, claimed, action, notice, at.signal)
}

async function webhook(
  { database, encryption, addresses }: MessageDependencies,
  claimed: Claimed,
  { url, secret, projectId }: Extract<Message, { type: 'webhook' }>,
  notice: Notice,
  { now, signal }: { readonly now: Date; readonly signal: AbortSignal },
): Promise<Delivered> {
  const key =
    secret === undefined ? null : await secretOf(database.pool, encryption, projectId ?? notice.sla.projectId, secret)
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

/** One letter to each, so that nobody sees who else is written to; of those who have theirs none gets another. */
async function mail(
  { database, mailer }: MessageDependencies,
  claimed: Claimed,
  { to }: Extract<Message, { type: 'email' }>,
  notice: Notice,
  signal: AbortSignal,
): Promise<Delivered> {
  if (mailer === null) return failed('DAGBOOK_SMTP_URL is not set on this server')
  const people = await readRecipients(database, to.filter(isUserId), notice.breach.audience)
  const recipients = to.map((each, place) => {
    const address = isUserId(each) ? (people.get(each) ?? null) : each
    return { each, place, address }
  })
  if (recipients.every(({ address }) => address === null)) {
    return failed('Nobody of those who are to get it may see it and has an e-mail address')
  }
  const problems: string[] = []
  for (const { each, place, address } of recipients) {
    if (address === null || claimed.told.includes(place)) continue
    signal.throwIfAborted()
    const letter = { messageId: `<${idOf(claimed)}.${place}@dagbook>`, to: address }
    const problem = await mailer.send({ ...letter, ...letterOf(notice, claimed.occasion) }).then(
      () => null,
      (error: MailError) => problemOf(error, each, address),
    )
    if (problem === null) await noteTold(database, claimed, place)
    else problems.push(problem)
  }
  const message = problems.length === 0 ? null : problems.join('; ').slice(0, 500)
  return { isDone: message === null, isFinal: false, responseCode: null, message }
}

/** `responseCode`: of a mail server that did answer. */
type MailError = Error & { readonly responseCode?: number }

/** In words that whoever sees the SLA may read: what servers answer repeats the address. */
function problemOf({ responseCode, message }: MailError, recipient: string, address: string): string {
  if (responseCode !== undefined) return `The mail server answered ${responseCode} for ${recipient}`
  return message.replaceAll(address, recipient)
}

/** The same for every try. */
function idOf({ breachId, index, occasion }: Claimed): string {
  return `${breachId}.${index}${occasion === 'RESOLVED' ? '.resolved' : ''}`
}

function failed(message: string): Delivered {
  return { isDone: false, isFinal: true, responseCode: null, message }
}
