import { NotFoundFailure, UsageFailure } from '../failure.js'
import type { StoredContexts, StoredTokens } from './context-file.js'
import { DEFAULT_SERVER, serverUrl } from './server-url.js'

/** Which server is spoken to, as whom. */
export interface SelectedContext {
  /** undefined: a server that no context is about. */
  readonly name: string | undefined
  readonly server: string
  readonly tokens: StoredTokens | null
}

/**
 * The context that was named; else the one of the server that was given; else the current one; else that of the default
 * server. NotFoundFailure: there is none of that name. UsageFailure: several are of that server, and none is the current.
 */
export function selectContext(
  stored: StoredContexts,
  named: string | undefined,
  server: string | undefined,
): SelectedContext {
  const name = named ?? (server === undefined ? stored.current : null)
  if (name === null) return ofServer(stored, serverUrl(server ?? DEFAULT_SERVER))
  const context = Object.hasOwn(stored.contexts, name) ? stored.contexts[name] : undefined
  if (context === undefined) throw contextNotFound(name)
  return { name, ...context }
}

function ofServer({ current, contexts }: StoredContexts, server: string): SelectedContext {
  const fitting = Object.entries(contexts).filter(([, context]) => context.server === server)
  const found = fitting.find(([name]) => name === current) ?? fitting[0]
  if (found === undefined) return { name: undefined, server, tokens: null }
  const [name, context] = found
  if (fitting.length > 1 && name !== current) {
    const names = fitting.map(([each]) => each).join(', ')
    throw new UsageFailure(`Server ${server}: has several contexts (${names}), so --context must name one`)
  }
  return { name, ...context }
}

/** For a context that is not in the file. */
export function contextNotFound(name: string): NotFoundFailure {
  return new NotFoundFailure(`Context ${name}: there is none of that name`, 'dagbook context list')
}
