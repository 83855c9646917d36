import { change } from '../graphql/change.js'
import { findInstance } from '../logs/log-source.js'
import { type World, withConnection } from '../world.js'
import { resolveRun } from './resolve-run.js'

interface Payload {
  readonly instance: { readonly id: string; readonly status: string } | null
}

/** Of every mutation that steers an instance. */
export const INSTANCE_PAYLOAD = /* GraphQL */ `
  fragment InstancePayloadFields on InstancePayload {
    instance { id taskKey status attempts { number } run { id status } }
    userErrors { message code path }
  }
`

/** Which task of which run, as they were typed. */
export interface InstancePath {
  readonly run: string
  readonly task: string
}

/** Sends the mutation for one instance and prints it as it is then. */
export async function steerInstance(
  world: World,
  path: InstancePath,
  { document, input }: { readonly document: string; readonly input?: Readonly<Record<string, unknown>> },
  options: { readonly json?: boolean },
): Promise<void> {
  await withConnection(world, async ({ api }) => {
    const runId = await resolveRun(api, path.run)
    const { id: instanceId } = await findInstance(api, runId, path.task)
    const { instance } = await change<Payload>(api, document, { ...input, instanceId }, `dagbook run show ${runId}`)
    if (options.json) world.terminal.json({ instance })
    else world.terminal.print(`${path.task} of ${runId} ${instance?.status}`)
  })
}
