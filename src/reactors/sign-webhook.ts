import { createHmac } from 'node:crypto'

/** What a webhook is about, as its headers say. */
export interface SignedContent {
  /** The same for every try of one delivery: a receiver drops what it knows. */
  readonly id: string
  /** Seconds since the epoch. */
  readonly timestamp: number
  readonly body: string
}

const PREFIX = 'whsec_'

/**
 * The headers of Standard Webhooks (https://www.standardwebhooks.com, symmetric signatures). A secret that begins with
 * whsec_ is base64 behind that; any other is the key itself. Null: unsigned.
 */
export function webhookHeaders({ id, timestamp, body }: SignedContent, secret: string | null): Record<string, string> {
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(timestamp) }
  if (secret === null) return headers
  const key = secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret)
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { ...headers, 'webhook-signature': `v1,${signature}` }
}
