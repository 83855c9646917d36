import { getIntrospectionQuery } from 'graphql'
import { openTestApi, type TestApi } from '../../helpers/api.js'

let it_: TestApi
let token: string

beforeAll(async () => {
  it_ = await openTestApi()
  token = await it_.tokenOf('admin')
})
afterAll(() => it_.close())

/** One request, with whatever is to be wrong with it. */
function send(how: { method?: 'GET' | 'POST' | 'PUT'; url?: string; headers?: object; payload?: string }) {
  const { method = 'POST', url = '/graphql', headers = { 'content-type': 'application/json' }, payload } = how
  return it_.api.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) } as never)
}

/** The result and the least of three times: what the work costs, not what else the host was doing. */
async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const times: number[] = []
  for (;;) {
    const start = performance.now()
    const result = await work()
    times.push(performance.now() - start)
    if (times.length === 3) return [result, Math.min(...times)]
  }
}

const codeOf = (answer: { errors: readonly { extensions: { code: string } }[] }) => answer.errors[0]?.extensions.code

describe('bodies', () => {
  test('10 MB of a stranger are refused without being read', async () => {
    const payload = JSON.stringify({ query: '{ __typename }', variables: { x: 'x'.repeat(10_000_000) } })
    const [response, ms] = await timed(() => send({ payload }))
    expect(response.statusCode).toBe(413)
    expect(ms).toBeLessThan(200)
  })

  test('10 MB of a signed-in user are refused unless they publish or check a DAG', async () => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const big = (query: string) => JSON.stringify({ query, variables: { s: 'x'.repeat(1_000_000) } })
    expect((await send({ headers, payload: big('query ($s: String!) { project(name: $s) { id } }') })).statusCode).toBe(
      413,
    )
    const two = 'query ($s: String!) { checkDag(source: $s) { isValid } viewer { id } }'
    expect((await send({ headers, payload: big(two) })).statusCode).toBe(413)
    const check = await send({ headers, payload: big('query ($s: String!) { checkDag(source: $s) { isValid } }') })
    expect(check.statusCode).not.toBe(413)
    const stranger = await send({ payload: big('query ($s: String!) { checkDag(source: $s) { isValid } }') })
    expect(stranger.statusCode).toBe(413)
  })

  test('a batch of operations is refused', async () => {
    const payload = JSON.stringify(Array.from({ length: 10 }, () => ({ query: '{ __typename }' })))
    expect((await send({ payload })).statusCode).toBe(400)
  })

  test.each([
    ['text/plain', { 'content-type': 'text/plain' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['multipart', { 'content-type': 'multipart/form-data; boundary=x' }],
    ['no content type', {}],
    ['a content type that is none', { 'content-type': 'nonsense' }],
  ])('%s is refused, for a page of another site can send it', async (_, headers) => {
    const { statusCode } = await send({ headers, payload: JSON.stringify({ query: '{ __typename }' }) })
    expect([400, 415]).toContain(statusCode)
  })

  test.each(['{"query":', '\u0000', '"text"', 'null', '{}'])('a body of %j is refused', async (payload) => {
    expect((await send({ payload })).statusCode).toBe(400)
  })

  test('a body that is not UTF-8 is refused', async () => {
    const payload = Buffer.from('{"query":"{ __typename } # \xff"}', 'latin1') as unknown as string
    expect((await send({ payload })).statusCode).toBe(400)
  })

  test('a mutation by GET is refused', async () => {
    const url = `/graphql?query=${encodeURIComponent('mutation { signOut(input: {}) { position } }')}`
    expect((await send({ method: 'GET', url })).statusCode).toBe(405)
  })

  test('other methods are refused', async () => {
    expect((await send({ method: 'PUT', payload: '{}' })).statusCode).toBe(405)
  })

  test('a browser gets no page', async () => {
    const response = await send({ method: 'GET', headers: { accept: 'text/html' } })
    expect(response.body).not.toContain('<html')
    expect(response.statusCode).toBe(400)
  })
})

describe('documents', () => {
  /** Real fields only: a member's user has no list below it, so depth beyond is made of fields that do not exist. */
  const below = (levels: number): string => (levels === 1 ? 'id' : `c { ${below(levels - 1)} }`)

  test.each([
    ['fields', (inner: string) => `{ a { b { ${inner} } } }`],
    ['fragments', (inner: string) => `{ a { ...A } } fragment A on X { b { ...B } } fragment B on X { ${inner} }`],
    ['inline fragments', (inner: string) => `{ a { ... { b { ... on X { ${inner} } } } } }`],
    ['a fragment named __schema', (inner: string) => `{ a { b { ...__schema } } } fragment __schema on X { ${inner} }`],
    ['an alias __schema', (inner: string) => `{ a { __schema: b { ${inner} } } }`],
  ])('are at most ten levels deep, through %s', async (_, shape) => {
    const message = 'An operation may have at most 10 levels'
    const fits = await it_.ask(shape(below(8)), { token })
    expect(fits.errors.map((error) => error.message)).not.toContain(message)
    const answer = await it_.ask(shape(below(9)), { token })
    expect(answer.errors.map((error) => error.message)).toEqual([message])
  })

  test('100,000 tokens are refused at once', async () => {
    const query = `{ ${'a '.repeat(20_000)} }`
    const [answer, ms] = await timed(() => it_.ask(query, { token }))
    expect(answer.status).toBe(400)
    expect(ms).toBeLessThan(100)
  })

  test('30 aliases pass, 31 do not', async () => {
    const query = (count: number) =>
      `{ server { ${Array.from({ length: count }, (_, n) => `v${n}: version`).join(' ')} } }`
    expect((await it_.ask(query(30), { token })).errors).toEqual([])
    expect((await it_.ask(query(31), { token })).errors[0]?.message).toContain('at most 30 aliases')
  })

  test('10 root fields pass, 11 do not, through fragments too', async () => {
    const fields = (count: number) => Array.from({ length: count }, (_, n) => `v${n}: viewer { id }`).join(' ')
    expect((await it_.ask(`{ ${fields(10)} }`, { token })).errors).toEqual([])
    const spread = `{ ...A ...B } fragment A on Query { ${fields(10)} } fragment B on Query { x: viewer { id } }`
    expect((await it_.ask(spread, { token })).errors[0]?.message).toContain('at most 10 root fields')
  })

  test('directives are few, and known', async () => {
    const [answer, ms] = await timed(() => it_.ask(`{ __typename ${'@aa'.repeat(600)} }`))
    expect(answer.errors.length).toBeGreaterThan(0)
    expect(ms).toBeLessThan(100)
  })

  test.each([500, 3_000])('a field repeated %d times costs little', async (times) => {
    const [, ms] = await timed(() => it_.ask(`{ ${'__typename '.repeat(times)} }`, { token }))
    expect(ms).toBeLessThan(200)
  })

  test('doubling fragments are refused at once', async () => {
    const doubling = Array.from({ length: 25 }, (_, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`)
    const query = `{ ...F0 } ${doubling.join(' ')} fragment F25 on Query { viewer { id } }`
    const [answer, ms] = await timed(() => it_.ask(query, { token }))
    expect(answer.errors.length).toBeGreaterThan(0)
    expect(ms).toBeLessThan(200)
  })

  test('fragments in a circle are refused', async () => {
    const answer = await it_.ask('{ ...A } fragment A on Query { ...B } fragment B on Query { ...A viewer { id } }')
    expect(codeOf(answer)).toBe('GRAPHQL_VALIDATION_FAILED')
  })

  test('a typing mistake gets no suggestion', async () => {
    for (const query of ['{ viewr { id } }', '{ viewer { usrname } }', '{ projects(frst: 1) { nodes { id } } }']) {
      const answer = await it_.ask(query, { token })
      expect(codeOf(answer)).toBe('GRAPHQL_VALIDATION_FAILED')
      expect(JSON.stringify(answer)).not.toContain('Did you mean')
    }
    const variables = { i: { projectId: 'x', userId: 'y', role: 'OWNR' } }
    const query = 'mutation ($i: GrantProjectRoleInput!) { grantProjectRole(input: $i) { position } }'
    const answer = await it_.ask(query, { token, variables })
    expect(codeOf(answer)).toBe('BAD_USER_INPUT')
    expect(JSON.stringify(answer)).not.toContain('Did you mean')
  })

  test('who is not signed in learns nothing of the schema', async () => {
    const answer = await it_.ask(getIntrospectionQuery())
    expect(codeOf(answer)).toBe('UNAUTHENTICATED')
    expect((await it_.ask('{ __type(name: "User") { name fields { name } } }')).data).toEqual({ __type: null })
    const sneaky = 'query ($n: String!) { ...F } fragment F on Query { a: __type(name: $n) { name } }'
    expect((await it_.ask(sneaky, { variables: { n: 'User' } })).data).toEqual({ a: null })
    expect((await it_.ask(getIntrospectionQuery(), { token })).data.__schema.types.length).toBeGreaterThan(20)
  })

  test('strings with NUL or half a surrogate pair are refused, wherever they stand', async () => {
    const query = 'query ($n: String!) { project(name: $n) { id } }'
    for (const n of ['a\u0000b', 'a\ud800b']) {
      expect(codeOf(await it_.ask(query, { token, variables: { n } }))).toBe('BAD_USER_INPUT')
    }
    const literal = await it_.ask('{ project(name: "a\\u0000b") { id } }', { token })
    expect(literal.errors[0]?.message).toBe('A string must not contain NUL')
  })
})

test('what would cost too much is refused before anything runs', async () => {
  const query = (lists: number) => {
    const fields = Array.from({ length: lists }, (_, n) => `m${n}: members { user { id } }`)
    return `{ projects(first: 100) { nodes { ${fields.join(' ')} } } }`
  }
  // A list without pages counts as ten: 1 + 100 * (1 + n * 20).
  expect((await it_.ask(query(24), { token })).errors).toEqual([])
  const answer = await it_.ask(query(25), { token })
  expect(codeOf(answer)).toBe('COST_LIMIT_EXCEEDED')
  expect(answer).toMatchObject({ status: 400, data: null, errors: [{ message: expect.stringContaining('50101') }] })
})

test('an id that is no id of ours is nothing', async () => {
  for (const id of ['', 'x', 'project_', 'project_zzz', 'event_x', '__proto__', 'constructor_1']) {
    expect(
      (await it_.ask('query ($id: ID!) { node(id: $id) { id } }', { token, variables: { id } })).data.node,
    ).toBeNull()
  }
})

test('cursors are refused when they are not of the list, sizes when they are negative', async () => {
  const query = 'query ($first: Int, $after: String) { projects(first: $first, after: $after) { nodes { id } } }'
  const users = await it_.ask('{ users(first: 1) { edges { cursor } } }', { token })
  const foreign = users.data.users.edges[0].cursor
  for (const after of ['', 'x', '!!', foreign, Buffer.from('["projects"]').toString('base64url')]) {
    const answer = await it_.ask(query, { token, variables: { after } })
    expect(answer.errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', argument: 'after' } })
  }
  const answer = await it_.ask(query, { token, variables: { first: -1 } })
  expect(answer.errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', argument: 'first' } })
})
