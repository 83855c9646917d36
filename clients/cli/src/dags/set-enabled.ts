import { change } from '../graphql/change.js'
import { type World, withConnection } from '../world.js'
import { findDag, parseDagPath } from './find-dag.js'

const SET_ENABLED = /* GraphQL */ `
  mutation SetDagEnabled($input: SetDagEnabledInput!) {
    setDagEnabled(input: $input) { dag { id name isEnabled nextRunAt } userErrors { message code path } }
  }
`

interface Payload {
  readonly dag: { readonly id: string; readonly isEnabled: boolean; readonly nextRunAt: string | null } | null
}

/** Lets the schedule of `PROJECT/DAG` fire, or not, and prints when it fires next. */
export async function setEnabled(
  world: World,
  text: string,
  isEnabled: boolean,
  options: { readonly json?: boolean },
): Promise<void> {
  await withConnection(world, async ({ api }) => {
    const { id: dagId } = await findDag(api, parseDagPath(text))
    const { dag } = await change<Payload>(api, SET_ENABLED, { dagId, isEnabled }, `dagbook schedule next ${text}`)
    if (options.json) world.terminal.json({ dag })
    else if (!isEnabled) world.terminal.print(`${text} is disabled`)
    else world.terminal.print(`${text} is enabled; next: ${dag?.nextRunAt ?? 'never, it has no schedule'}`)
  })
}
