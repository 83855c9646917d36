import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolveValues } from '../../src/definitions/template-values.js'
import type { HttpAction } from '../../src/domain/dag/action.js'
import type { JsonObject } from '../../src/domain/json.js'
import { DetachedError, type EngineResult } from '../../src/engines/engine.js'
import { HttpEngine } from '../../src/engines/http.js'
import { IS_LONG } from '../helpers/long.js'
import { assignmentOf, RecordedControl } from './assignments.js'

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

let server: Server
let base: string
let seen: Seen[]
let answer: (request: IncomingMessage, response: ServerResponse) => void

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = '', url = '', headers } = request
    seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

beforeEach(() => {
  seen = []
  answer = (_, response) => response.end('hello')
})

function action(change: Partial<HttpAction> = {}): HttpAction {
  return { engine: 'http', method: 'GET', url: base, headers: {}, query: {}, body: null, expectStatus: null, ...change }
}

async function execute(
  change: Partial<HttpAction> = {},
  {
    control = new RecordedControl(),
    timeoutMs = null as number | null,
    parameters = {} as JsonObject,
    outputs = {} as JsonObject,
  } = {},
): Promise<EngineResult & { control: RecordedControl }> {
  const scope = { parameters, outputs, run: {} }
  const assignment = assignmentOf({ action: action(change), timeoutMs, scope })
  return { ...(await new HttpEngine(resolveValues).execute(assignment, control)), control }
}

function reply(status: number, headers: Record<string, string>, body: string | Buffer) {
  answer = (_, response) => response.writeHead(status, headers).end(body)
}

describe('an answer', () => {
  it('becomes status, headers and body, its bytes the log', async () => {
    reply(201, { 'x-kind': 'made' }, 'grüße')
    const { outcome, output, control } = await execute()
    expect(outcome).toBe('SUCCEEDED')
    expect(output).toMatchObject({ status: 201, headers: { 'x-kind': 'made' }, body: 'grüße' })
    expect(control.streams.STDOUT.toString()).toBe('grüße')
    expect(control.told).toEqual(['started', 'output'])
  })

  it.each(['application/json', 'application/problem+json; charset=utf-8'])('is JSON where it says %s', async (type) => {
    reply(200, { 'content-type': type }, '{"rows": [1, 2]}')
    expect(await execute()).toMatchObject({ output: { body: { rows: [1, 2] } } })
  })

  it('is text where it says JSON and is none', async () => {
    reply(200, { 'content-type': 'application/json' }, 'oops')
    expect(await execute()).toMatchObject({ outcome: 'SUCCEEDED', output: { body: 'oops' } })
  })

  it('of no body is an empty text', async () => {
    reply(204, {}, '')
    const { output, control } = await execute()
    expect(output).toMatchObject({ status: 204, body: '' })
    expect(control.told).toEqual(['started'])
  })

  it.each([
    ['NUL', 'text/plain', Buffer.from('a\0b'), 'NUL'],
    ['a number beyond all', 'application/json', Buffer.from('1e999'), 'too large'],
    ['101 levels', 'application/json', Buffer.from('['.repeat(101) + ']'.repeat(101)), 'deeper'],
  ])('with %s succeeds without its body, and says so', async (_, type, body, part) => {
    reply(200, { 'content-type': type }, body)
    const { outcome, output, result, control } = await execute()
    expect({ outcome, output }).toMatchObject({ outcome: 'SUCCEEDED', output: { status: 200, body: null } })
    expect(result.errorMessage).toContain(part)
    expect(control.streams.STDOUT).toEqual(body)
  })

  it('of more than a megabyte is in the log by its beginning, and not in the output', async () => {
    reply(200, {}, Buffer.alloc(5_000_000, 'x'))
    const { output, result, control } = await execute()
    expect(output).toMatchObject({ body: null })
    expect(result.errorMessage).toContain('more than 1000000 bytes')
    expect(control.streams.STDOUT).toHaveLength(1_000_000)
  })

  it('of a megabyte exactly is read whole, but with its headers too large for an output', async () => {
    reply(200, {}, Buffer.alloc(1_000_000, 'x'))
    const { output, result } = await execute()
    expect(output).toMatchObject({ body: null })
    expect(result.errorMessage).toContain('The output has more than 1000000 bytes')
  })
})

describe('a status', () => {
  it.each([400, 404, 500, 503])('%i fails the task', async (status) => {
    reply(status, {}, 'why')
    const { outcome, result, control } = await execute()
    expect(outcome).toBe('FAILED')
    expect(result.errorMessage).toContain(`GET ${base} answered ${status}`)
    expect(control.streams.STDOUT.toString()).toBe('why')
  })

  it('that is expected succeeds, any other fails, also 200', async () => {
    reply(404, {}, '')
    expect(await execute({ expectStatus: [404, 410] })).toMatchObject({ outcome: 'SUCCEEDED', output: { status: 404 } })
    reply(200, {}, '')
    expect(await execute({ expectStatus: [404, 410] })).toMatchObject({ outcome: 'FAILED' })
  })

  it('of a redirect is followed, unless it is what is expected', async () => {
    answer = (request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/there' }).end()
      else response.end('there')
    }
    expect(await execute()).toMatchObject({ output: { status: 200, body: 'there' } })
    expect(await execute({ expectStatus: [302] })).toMatchObject({ output: { status: 302 } })
  })
})

describe('a request', () => {
  it('carries query, headers and a JSON body, values resolved', async () => {
    await execute(
      {
        method: 'POST',
        url: `${base}/rows?fixed=1`,
        query: { day: { $value: 'parameters.day' }, n: 3 },
        headers: { 'x-rows': { $value: 'outputs["count"].rows' } },
        body: { day: { $value: 'parameters.day' }, list: [{ $value: 'outputs["count"]' }, 'x'] },
      },
      { parameters: { day: '"2026" & more' }, outputs: { count: { rows: 7 } } },
    )
    expect(seen[0]).toMatchObject({
      method: 'POST',
      headers: { 'x-rows': '7', 'content-type': 'application/json', 'idempotency-key': '"instance_1.7"' },
    })
    expect([...new URL(seen[0]!.url, base).searchParams]).toEqual([
      ['fixed', '1'],
      ['day', '"2026" & more'],
      ['n', '3'],
    ])
    expect(JSON.parse(seen[0]!.body)).toEqual({ day: '"2026" & more', list: [{ rows: 7 }, 'x'] })
  })

  it('is sent when its start is stored, not before', async () => {
    const control = new RecordedControl()
    const started = control.started.bind(control)
    control.started = () => new Promise((resolve) => setTimeout(() => resolve(started()), 50))
    let told: string[] = []
    answer = (_, response) => {
      told = [...control.told]
      response.end()
    }
    await execute({}, { control })
    expect(told).toEqual(['started'])
  })

  it('keeps the task’s own content type and idempotency key', async () => {
    const headers = { 'Content-Type': 'application/x-thing+json', 'Idempotency-Key': 'mine' }
    await execute({ method: 'PUT', headers, body: 'text' })
    expect(seen[0]!.headers).toMatchObject({ 'content-type': 'application/x-thing+json', 'idempotency-key': 'mine' })
    expect(seen[0]!.body).toBe('"text"')
  })

  it('that cannot be made is an error before anything is sent', async () => {
    const { outcome, result, control } = await execute({ body: { $value: 'outputs["none"].rows' } })
    expect(outcome).toBe('ERRORED')
    expect(result.errorMessage).toContain('The request cannot be made')
    expect(await execute({ headers: { 'x-bad': 'a\nb' } })).toMatchObject({ outcome: 'ERRORED' })
    expect({ told: control.told, seen }).toEqual({ told: [], seen: [] })
  })
})

describe('an end without an answer', () => {
  it('FAILED with the reason and no stack, when nobody listens', async () => {
    const closed = createServer()
    await new Promise<void>((resolve) => closed.listen(0, resolve))
    const { port } = closed.address() as AddressInfo
    await new Promise((resolve) => closed.close(resolve))
    for (const host of ['127.0.0.1', 'localhost']) {
      const { outcome, result } = await execute({ url: `http://${host}:${port}/` })
      expect(outcome).toBe('FAILED')
      expect(result.errorMessage).toContain(`GET http://${host}:${port}/ got no answer: `)
      expect(result.errorMessage).toContain('ECONNREFUSED')
      expect(result.errorMessage).not.toMatch(/\n|\bat /)
    }
  })

  it('FAILED, when the connection breaks amid the body', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('begin')
      setImmediate(() => response.destroy())
    }
    expect(await execute()).toMatchObject({ outcome: 'FAILED', output: null })
  })

  it('TIMED_OUT, without an answer and amid one', async () => {
    answer = () => undefined
    expect(await execute({}, { timeoutMs: 50 })).toMatchObject({
      outcome: 'TIMED_OUT',
      result: { errorMessage: 'Took longer than its timeout of 0.05 s' },
    })
    answer = (_, response) => response.writeHead(200).write('begin')
    expect(await execute({}, { timeoutMs: 50 })).toMatchObject({ outcome: 'TIMED_OUT' })
  })

  it('takes a timeout of years for long, not for none', async () => {
    expect(await execute({}, { timeoutMs: 3_650 * 86_400_000 })).toMatchObject({ outcome: 'SUCCEEDED' })
  })

  it('STOPPED, when it is asked to amid the request', async () => {
    const control = new RecordedControl()
    answer = () => control.requestStop()
    expect(await execute({}, { control })).toMatchObject({ outcome: 'STOPPED' })
  })

  it('NOT_STARTED, when it was asked to before: nothing is sent', async () => {
    const control = new RecordedControl()
    control.requestStop()
    expect(await execute({}, { control })).toMatchObject({ outcome: 'NOT_STARTED' })
    expect({ told: control.told, seen }).toEqual({ told: [], seen: [] })
  })

  it('none at all, when the server goes', async () => {
    const control = new RecordedControl()
    answer = () => control.requestDetach()
    await expect(execute({}, { control })).rejects.toBeInstanceOf(DetachedError)
  })
})

/** Longer than a client of HTTP waits by itself. */
const LONG_MS = 305_000

if (IS_LONG) {
  it(
    'an answer may take as long as the task may',
    async () => {
      answer = (_, response) => void setTimeout(() => response.end('at last'), LONG_MS)
      expect(await execute({}, { timeoutMs: 2 * LONG_MS })).toMatchObject({ outcome: 'SUCCEEDED' })
    },
    2 * LONG_MS,
  )
}
