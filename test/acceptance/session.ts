import { ADMIN_PASSWORD } from './sandbox.js'
import type { Server } from './server.js'

/** What a GraphQL request answered. */
export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever they asked for
  readonly data: any
  readonly errors: readonly { readonly message: string; readonly extensions?: { readonly code: string } }[]
}

/** Access tokens are good for ten minutes. */
const RENEW_AFTER_MS = 5 * 60_000

/** Asks without being signed in, or as the bearer of that token. */
export async function post(url: string, query: string, variables: object = {}, token?: string): Promise<Answer> {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...authorization }
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query, variables }),
  })
  const { data = null, errors = [] } = (await response.json()) as Partial<Answer>
  return { status: response.status, data, errors }
}

const SIGN_IN = `mutation ($input: SignInInput!) {
  signIn(input: $input) { accessToken userErrors { code message } }
}`

/** Somebody signed in, across the restarts of a server that keeps its address. */
export class Session {
  private signedInAt = Number.NEGATIVE_INFINITY
  private known = ''

  private constructor(
    readonly url: string,
    private readonly input: { readonly username: string; readonly password: string },
  ) {}

  /** Signs in; as the administrator unless told otherwise. */
  static async open(server: Server, username = 'admin', password = ADMIN_PASSWORD): Promise<Session> {
    const session = new Session(server.url, { username, password })
    await session.token()
    return session
  }

  async token(): Promise<string> {
    if (performance.now() - this.signedInAt < RENEW_AFTER_MS) return this.known
    const { data, errors } = await post(this.url, SIGN_IN, { input: this.input })
    if (!data?.signIn.accessToken) throw new Error(`Not signed in: ${JSON.stringify(data ?? errors)}`)
    this.signedInAt = performance.now()
    this.known = data.signIn.accessToken
    return this.known
  }

  async answer(query: string, variables: object = {}): Promise<Answer> {
    return post(this.url, query, variables, await this.token())
  }

  /** The data. Throws the errors, and those of the root fields' userErrors. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever they asked for
  async ask(query: string, variables: object = {}): Promise<any> {
    const { data, errors } = await this.answer(query, variables)
    const refused = Object.values(data ?? {}).flatMap(
      (field) => (field as { userErrors?: [] } | null)?.userErrors ?? [],
    )
    if (errors.length > 0 || refused.length > 0) throw new Error(JSON.stringify({ errors, refused }))
    return data
  }

  /** An attempt's output as it was written. */
  async raw(instanceId: string, attempt: number, stream: 'stdout' | 'stderr'): Promise<string> {
    const headers = { authorization: `Bearer ${await this.token()}` }
    const response = await fetch(`${this.url}/logs/${instanceId}/${attempt}/${stream}`, { headers })
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
    return response.text()
  }
}
