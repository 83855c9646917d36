import { refuseUserErrors, type UserError } from '../graphql/failure-of.js'
import { type World, withConnection } from '../world.js'
import { resolveRun } from './resolve-run.js'
import type { Run } from './run.js'

interface Payload {
  readonly run: Run | null
  readonly userErrors: readonly UserError[]
}

/** A mutation of one run: its root field, its document, and what is sent besides the run's id. */
export interface Steering {
  readonly field: 'cancelRun' | 'pauseRun' | 'resumeRun'
  readonly document: string
  readonly input?: Readonly<Record<string, unknown>>
}

/** Sends the mutation and prints the run as it is then. */
export async function steerRun(
  world: World,
  text: string,
  steering: Steering,
  options: { readonly json?: boolean },
): Promise<void> {
  await withConnection(world, async ({ api }) => {
    const runId = await resolveRun(api, text)
    const answer = await api.mutate<Record<string, Payload>>(steering.document, { runId, ...steering.input })
    const payload = answer[steering.field] as Payload
    refuseUserErrors(payload, `dagbook run show ${runId}`, 'dagbook run list')
    if (options.json) world.terminal.json({ run: payload.run })
    else world.terminal.print(`${runId} ${payload.run?.status}`)
  })
}
