import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'

/** Which attempt a task's token speaks for. */
export interface TaskClaims {
  readonly instanceId: string
  readonly fence: number
}

const TOKEN = /^dagtask\.([a-z0-9_]{1,100})\.(\d{1,15})\.([\w-]{43})$/

/**
 * Tokens that attempts get: made of the attempt's name and this installation's key, so none is stored, and whoever takes an
 * attempt over knows the same one. Whether the attempt still runs is asked of the tables. It is no token of the API.
 */
export class TaskTokens {
  /** Derived for this purpose alone. */
  constructor(private readonly key: KeyObject) {}

  issue({ instanceId, fence }: TaskClaims): string {
    return `dagtask.${instanceId}.${fence}.${this.#sign(instanceId, fence).toString('base64url')}`
  }

  /** Null for whatever is no token of ours. */
  read(token: string): TaskClaims | null {
    const [, instanceId = '', digits = '', signature = ''] = TOKEN.exec(token) ?? []
    if (instanceId === '') return null
    const fence = Number(digits)
    const given = Buffer.from(signature, 'base64url')
    const expected = this.#sign(instanceId, fence)
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
    return { instanceId, fence }
  }

  #sign(instanceId: string, fence: number): Buffer {
    return createHmac('sha256', this.key).update(`${instanceId}.${fence}`).digest()
  }
}
