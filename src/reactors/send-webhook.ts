import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { type Addresses, ForbiddenAddressError } from './addresses.js'

export interface Webhook {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a receiver said, or why it could not be asked. */
export interface Delivered {
  readonly isDone: boolean
  /** Another try can be no better. */
  readonly isFinal: boolean
  readonly responseCode: number | null
  readonly message: string | null
}

/** From when its address is known. */
const TIMEOUT_MS = 10_000
const GONE = 410

/**
 * Posts it once. The connection goes to the address that was checked, whatever the name means by then, and redirects are
 * not followed. Never throws; an abort is a failure like any other.
 */
export async function sendWebhook(webhook: Webhook, addresses: Addresses, signal: AbortSignal): Promise<Delivered> {
  try {
    const responseCode = await post(webhook, addresses, signal)
    const isDone = responseCode >= 200 && responseCode < 300
    const message = isDone ? null : `The receiver answered ${responseCode}`
    return { isDone, isFinal: responseCode === GONE, responseCode, message }
  } catch (error) {
    const isFinal = error instanceof ForbiddenAddressError
    const { message } = error as Error
    return { isDone: false, isFinal, responseCode: null, message: message.slice(0, 500) }
  }
}

async function post({ url, headers, body }: Webhook, addresses: Addresses, signal: AbortSignal): Promise<number> {
  const target = new URL(url)
  const { address, family } = await addresses.resolve(target)
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest
  const limited = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
  return new Promise((resolve, reject) => {
    const request = send(target, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body), 'user-agent': 'Dagbook' },
      // Of its own: a connection that is kept would lead where the name led then.
      agent: false,
      signal: limited,
      // Node asks for all addresses at once or for one.
      lookup: (_, { all }, callback) =>
        all === true ? callback(null, [{ address, family }]) : callback(null, address, family),
    })
    request.once('error', reject)
    request.once('response', (response) => {
      // What it says besides is not read: the socket ends here.
      resolve(response.statusCode ?? 0)
      response.destroy()
    })
    request.end(body)
  })
}
