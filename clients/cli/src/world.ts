import { contextPath } from './config/context-file.js'
import { Api } from './graphql/api.js'
import { Sockets } from './graphql/sockets.js'
import { Session } from './session/session.js'
import type { Terminal } from './terminal.js'

/** What a command may reach: the environment's variables, the terminal, and a signal that ends it. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly terminal: Terminal
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
  /** The context that the command line names. */
  readonly contextName?: string | undefined
}

/** The name of the context that is to be used: --context before DAGBOOK_CONTEXT. */
export function chosenContext({ contextName, env }: World): string | undefined {
  return contextName ?? (env.DAGBOOK_CONTEXT || undefined)
}

/** The signed-in way to one server: queries, mutations and subscriptions with the same session. */
export interface Connection {
  readonly session: Session
  readonly api: Api
  readonly sockets: Sockets
}

/** Gives `work` the connection that the environment and the context file name, and closes its sockets afterwards. */
export async function withConnection<T>(world: World, work: (connection: Connection) => Promise<T>): Promise<T> {
  const session = await Session.open(contextPath(world.env), world.env, chosenContext(world))
  const sockets = new Sockets(session)
  try {
    return await work({ session, api: new Api(session), sockets })
  } finally {
    sockets.close()
  }
}
