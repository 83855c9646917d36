import type { StoredContexts } from './context-file.js'

/** A context as it is printed; part of the documented JSON. Tokens are not. */
export interface ContextView {
  readonly name: string
  readonly server: string
  /** null: nobody is signed in. */
  readonly username: string | null
  readonly isCurrent: boolean
}

/** The contexts in the order in which they came. */
export function contextViews({ contexts, current }: StoredContexts): ContextView[] {
  return Object.entries(contexts).map(([name, { server, tokens }]) => ({
    name,
    server,
    username: tokens?.username ?? null,
    isCurrent: name === current,
  }))
}
