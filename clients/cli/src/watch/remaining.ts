import type { Api } from '../graphql/api.js'

const REMAINING = /* GraphQL */ `
  query Remaining($id: ID!) { run(id: $id) { estimatedRemainingSeconds } }
`

/** The server's own forecast, in seconds, for a run that belongs to no DAG; null: it has none. */
export async function readRemaining(api: Api, id: string, signal: AbortSignal): Promise<number | null> {
  const { data } = await api.query<{ run: { estimatedRemainingSeconds: number | null } | null }>(
    REMAINING,
    { id },
    { signal },
  )
  return data.run?.estimatedRemainingSeconds ?? null
}
