import type { HttpAction } from '../domain/dag/plan.js'
import type { Json } from '../domain/json.js'
import type { ConditionScope } from '../domain/run/commands.js'
import { type Assignment, type Control, DetachedError, type Engine, type EngineResult, failedWith } from './engine.js'
import { textValues } from './process-spec.js'
import { checkStorable, type OutputError } from './read-output.js'

/** How much of an answer becomes the task's output and log. */
const MAX_BODY_BYTES = 1_000_000

/**
 * Requests over HTTP, from this server. It cannot be found again after this process: the attempt's id goes along as
 * Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), so that a server that knows it does nothing twice.
 * Output: `{ status, headers, body }`, the body as JSON where it says that it is.
 */
export class HttpEngine implements Engine {
  /** `resolve` replaces `{ $value: <CEL> }`; it throws with the reason. */
  constructor(private readonly resolve: (value: Json, scope: ConditionScope) => Json) {}

  async execute(assignment: Assignment, control: Control): Promise<EngineResult> {
    const action = assignment.action as HttpAction
    let request: Request
    try {
      request = this.#request(assignment, action)
    } catch (error) {
      return failedWith('ERRORED', `The request cannot be made: ${(error as Error).message}`)
    }
    await control.started(null)
    const timeout = assignment.timeoutMs === null ? [] : [AbortSignal.timeout(assignment.timeoutMs)]
    const signal = AbortSignal.any([control.stop, control.detach, ...timeout])
    try {
      return await answered(await fetch(request, { signal }), action, control)
    } catch (error) {
      if (control.detach.aborted) throw new DetachedError()
      if (control.stop.aborted) return failedWith('STOPPED', 'Stopped')
      if (signal.aborted)
        return failedWith('TIMED_OUT', `Took longer than its timeout of ${(assignment.timeoutMs ?? 0) / 1_000} s`)
      return failedWith('FAILED', `${action.method} ${request.url} got no answer: ${reasonOf(error)}`)
    }
  }

  #request({ instanceId, fence, scope }: Assignment, action: HttpAction): Request {
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

async function answered(response: Response, action: HttpAction, control: Control): Promise<EngineResult> {
  const bytes = await limited(response)
  if (bytes.length > 0) await control.output('STDOUT', bytes)
  const isExpected = action.expectStatus?.includes(response.status) ?? response.ok
  if (!isExpected)
    return failedWith(
      'FAILED',
      `${action.method} ${action.url} answered ${response.status} ${response.statusText}`.trim(),
    )
  const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '')
  const body = isJson ? parsed(bytes) : bytes.toString('utf8')
  try {
    checkStorable(body)
  } catch (error) {
    return failedWith('FAILED', (error as OutputError).message)
  }
  const output = { status: response.status, headers: Object.fromEntries(response.headers), body }
  return { outcome: 'SUCCEEDED', result: { exitCode: null, errorMessage: null, cpuSeconds: null }, output }
}

/** The answer's beginning; the rest is not read. */
async function limited(response: Response): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(Buffer.from(chunk as Uint8Array))
    size += (chunk as Uint8Array).length
    if (size >= MAX_BODY_BYTES) break
  }
  return Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES)
}

function parsed(bytes: Buffer): Json {
  const text = bytes.toString('utf8')
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error && cause.message !== '' ? cause.message : message
}
