import type { Request, Response } from 'undici'
import type { HttpAction } from '../domain/dag/action.js'
import type { Json } from '../domain/json.js'
import type { ConditionScope } from '../domain/run/commands.js'
import { type Assignment, type Control, DetachedError, type Engine, type EngineResult, failedWith } from './engine.js'
import { textValues } from './process-spec.js'
import { checkStorable, type OutputError } from './read-output.js'
import { MAX_TIMER_MS, timeoutMessage } from './timeout.js'

/** How much of an answer's body is kept: in the log its beginning, in the output all or nothing. */
const MAX_BODY_BYTES = 1_000_000

type Client = Awaited<ReturnType<typeof loadClient>>

/** Loaded by the first request: it takes a quarter of a second, and most servers send none. */
let client: Promise<Client> | undefined

async function loadClient() {
  const { Agent, fetch, Headers, Request } = await import('undici')
  // How long an answer may take is the task's to say: by itself it would be given up after five minutes.
  return { fetch, Headers, Request, agent: new Agent({ headersTimeout: 0, bodyTimeout: 0 }) }
}

/**
 * Requests over HTTP, from this server. It cannot be found again after this process: the attempt's id goes along as
 * Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), so that a server that knows it does nothing twice.
 * Output: `{ status, headers, body }`, the body as JSON where it says that it is; null where it cannot be stored.
 */
export class HttpEngine implements Engine {
  /** `resolve` replaces `{ $value: <CEL> }`; it throws with the reason. */
  constructor(private readonly resolve: (value: Json, scope: ConditionScope) => Json) {}

  async execute(assignment: Assignment, control: Control): Promise<EngineResult> {
    const action = assignment.action as HttpAction
    client ??= loadClient()
    const { fetch, agent, ...classes } = await client
    let request: Request
    try {
      request = this.#request(assignment, action, classes)
    } catch (error) {
      return failedWith('ERRORED', `The request cannot be made: ${(error as Error).message}`)
    }
    if (control.stop.aborted) return failedWith('NOT_STARTED', 'Stopped before the request was made')
    // Durable before anything is sent: an attempt that was never started can be repeated, whatever it would have done.
    await control.started(null)
    const timeout =
      assignment.timeoutMs === null ? [] : [AbortSignal.timeout(Math.min(assignment.timeoutMs, MAX_TIMER_MS))]
    const signal = AbortSignal.any([control.stop, control.detach, ...timeout])
    let answer: Answer
    try {
      answer = await readAnswer(await fetch(request, { signal, redirect: redirectOf(action), dispatcher: agent }))
    } catch (error) {
      if (control.detach.aborted) throw new DetachedError()
      if (control.stop.aborted) return failedWith('STOPPED', 'Stopped')
      if (signal.aborted) return failedWith('TIMED_OUT', timeoutMessage(assignment.timeoutMs))
      return failedWith('FAILED', `${action.method} ${request.url} got no answer: ${reasonOf(error)}`)
    }
    if (answer.bytes.length > 0) await control.output('STDOUT', answer.bytes)
    return resultOf(answer, action)
  }

  #request(
    { instanceId, fence, scope }: Assignment,
    action: HttpAction,
    { Headers, Request }: Pick<Client, 'Headers' | 'Request'>,
  ): Request {
    const url = new URL(action.url)
    const query = textValues(this.resolve({ ...action.query }, scope) as Record<string, Json>)
    for (const [name, value] of Object.entries(query)) url.searchParams.append(name, value)
    const headers = new Headers(textValues(this.resolve({ ...action.headers }, scope) as Record<string, Json>))
    if (!headers.has('idempotency-key')) headers.set('idempotency-key', `"${instanceId}.${fence}"`)
    const body = this.resolve(action.body, scope)
    if (body === null) return new Request(url, { method: action.method, headers })
    if (!headers.has('content-type')) headers.set('content-type', 'application/json')
    return new Request(url, { method: action.method, headers, body: JSON.stringify(body) })
  }
}

interface Answer {
  readonly response: Response
  /** The body, or its first MAX_BODY_BYTES. */
  readonly bytes: Buffer
  readonly isCut: boolean
}

/** A task that expects a redirect wants to see it. */
function redirectOf({ expectStatus }: HttpAction): 'manual' | 'follow' {
  return expectStatus?.some((status) => status >= 300 && status < 400) ? 'manual' : 'follow'
}

async function readAnswer(response: Response): Promise<Answer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk as Uint8Array)
    size += (chunk as Uint8Array).length
    if (size > MAX_BODY_BYTES) break
  }
  return { response, bytes: Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES), isCut: size > MAX_BODY_BYTES }
}

function resultOf({ response, bytes, isCut }: Answer, { method, url, expectStatus }: HttpAction): EngineResult {
  const { status, statusText } = response
  const isExpected = expectStatus?.includes(status) ?? response.ok
  if (!isExpected) return failedWith('FAILED', `${method} ${url} answered ${status} ${statusText}`.trim())
  const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '')
  const headers = Object.fromEntries(response.headers)
  const whole = { status, headers, body: isJson ? parsed(bytes) : bytes.toString('utf8') }
  const reason = isCut ? `it has more than ${MAX_BODY_BYTES} bytes` : unstorable(whole)
  const output = reason === null ? whole : { status, headers, body: null }
  const errorMessage = reason === null ? null : `Succeeded; the output is without the answer's body: ${reason}`
  return { outcome: 'SUCCEEDED', result: { exitCode: null, errorMessage, cpuSeconds: null }, output }
}

/** Why an answer cannot be a task's output; null: it can. */
function unstorable(output: Json): string | null {
  try {
    checkStorable(output)
    return null
  } catch (error) {
    return (error as OutputError).message
  }
}

function parsed(bytes: Buffer): Json {
  const text = bytes.toString('utf8')
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

/** fetch says no more than "fetch failed"; its cause knows why, of several addresses only by a code. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as { message: string; cause?: { message?: string; code?: string } }
  return cause?.message || cause?.code || message
}
