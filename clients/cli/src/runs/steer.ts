import { change } from '../graphql/change.js'
import { type World, withConnection } from '../world.js'
import { resolveRun } from './resolve-run.js'
import type { Run } from './run.js'

interface Payload {
  readonly run: Run | null
}

/** A mutation of one run: its document, and what is sent besides the run's id. */
export interface Steering {
  readonly document: string
  readonly input?: Readonly<Record<string, unknown>>
}

/** Sends the mutation and prints the run as it is then. */
export async function steerRun(
  world: World,
  text: string,
  { document, input }: Steering,
  options: { readonly json?: boolean },
): Promise<void> {
  await withConnection(world, async ({ api }) => {
    const runId = await resolveRun(api, text)
    const next = `dagbook run show ${runId}`
    const { run } = await change<Payload>(api, document, { ...input, runId }, next, 'dagbook run list')
    if (options.json) world.terminal.json({ run })
    else world.terminal.print(`${runId} ${run?.status}`)
  })
}
