import { NotFoundFailure } from '../failure.js'
import type { Api } from '../graphql/api.js'
import { change } from '../graphql/change.js'
import { printFields } from '../output/table.js'
import type { Terminal } from '../terminal.js'
import { type World, withConnection } from '../world.js'

/** An SLA as every command shows it. */
export interface Sla {
  readonly id: string
  readonly name: string
  readonly project: { readonly name: string } | null
  readonly dag: { readonly name: string } | null
  readonly taskKey: string | null
  readonly queue: { readonly name: string } | null
  readonly pool: { readonly name: string } | null
  readonly conditions: unknown
  readonly actions: unknown
  readonly priority: number
  readonly isEnabled: boolean
}

export const SLA_FIELDS = /* GraphQL */ `
  fragment SlaFields on Sla {
    id name project { name } dag { name } taskKey queue { name } pool { name } conditions actions priority isEnabled
  }
`

const SLA = /* GraphQL */ `
  query Sla($name: String!) { sla(name: $name) { ...SlaFields } }
  ${SLA_FIELDS}
`

const UPDATE_SLA = /* GraphQL */ `
  mutation UpdateSla($input: UpdateSlaInput!) {
    updateSla(input: $input) { sla { ...SlaFields } userErrors { message code path } }
  }
  ${SLA_FIELDS}
`

/** The SLA of that name. Throws NotFoundFailure. */
export async function findSla(api: Api, name: string): Promise<Sla> {
  const { data } = await api.query<{ sla: Sla | null }>(SLA, { name })
  if (data.sla === null)
    throw new NotFoundFailure(`SLA ${name}: does not exist, or you may not see it`, 'dagbook sla list')
  return data.sla
}

/** Changes what is given of the SLA of that name, and nothing else of it; answers with the SLA afterwards. */
export function updateSla(world: World, name: string, input: Readonly<Record<string, unknown>>): Promise<Sla> {
  return withConnection(world, async ({ api }) => {
    const { id: slaId } = await findSla(api, name)
    const next = `dagbook sla show ${name}`
    return (await change<{ sla: Sla }>(api, UPDATE_SLA, { ...input, slaId }, next, 'dagbook sla list')).sla
  })
}

/** What it watches, in one word. */
export function scopeOf({ project, dag, taskKey, queue, pool }: Sla): string {
  if (queue !== null) return `queue ${queue.name}`
  if (pool !== null) return `pool ${pool.name}`
  if (project === null) return 'everything'
  if (dag === null) return `project ${project.name}`
  return `${project.name}/${dag.name}${taskKey === null ? '' : ` task ${taskKey}`}`
}

/** What an SLA is, a line each. */
export function printSla(terminal: Terminal, sla: Sla): void {
  printFields(terminal, 'SLA', sla.name, [
    ['watches', scopeOf(sla)],
    ['enabled', sla.isEnabled ? 'yes' : 'no'],
    ['priority', String(sla.priority)],
    ['conditions', JSON.stringify(sla.conditions)],
    ['actions', JSON.stringify(sla.actions)],
  ])
}
