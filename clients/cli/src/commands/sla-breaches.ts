import { findProject } from '../dags/find-project.js'
import { EXIT } from '../exit-code.js'
import { firstNodes, type Page } from '../graphql/pages.js'
import { printTable } from '../output/table.js'
import { withConnection } from '../world.js'
import { type AddCommand, wholeNumber } from './command.js'

interface Breach {
  readonly id: string
  readonly sla: { readonly name: string }
  readonly run: { readonly id: string } | null
  readonly instance: { readonly id: string } | null
  readonly facts: Readonly<Record<string, unknown>>
  readonly actionsTaken: readonly { readonly type: string; readonly occasion: string; readonly status: string }[]
  readonly breachedAt: string
  readonly resolvedAt: string | null
}

const BREACHES = /* GraphQL */ `
  query SlaBreaches($projectId: ID, $isOpen: Boolean, $first: Int!, $after: String) {
    slaBreaches(projectId: $projectId, isOpen: $isOpen, first: $first, after: $after) {
      nodes { id sla { name } run { id } instance { id } facts actionsTaken breachedAt resolvedAt }
      pageInfo { hasNextPage endCursor }
    }
  }
`

interface Options {
  readonly project?: string
  readonly open?: boolean
  readonly limit: number
  readonly json?: boolean
}

/** `dagbook sla breaches`: what broke SLAs, the newest first. */
export const addSlaBreaches: AddCommand = (parent, world, finish) => {
  const { terminal } = world
  parent
    .command('breaches')
    .description('List breaches, the newest first')
    .option('--project <name>', 'of the SLAs of this project')
    .option('--open', 'only those that are not resolved')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 100_000), 20)
    .option('--json', 'print { breaches: [...] }')
    .action(async ({ project, open, limit, json }: Options) => {
      await withConnection(world, async ({ api }) => {
        const projectId = project === undefined ? null : (await findProject(api, project)).id
        const isOpen = open === true ? true : null
        const breaches = await firstNodes(limit, 100, async (first, after) => {
          const variables = { projectId, isOpen, first, after }
          return (await api.query<{ slaBreaches: Page<Breach> }>(BREACHES, variables)).data.slaBreaches
        })
        if (json) return terminal.json({ breaches })
        const columns = [
          { head: 'SLA', cell: (row: Breach) => row.sla.name },
          { head: 'BROKEN BY', cell: (row: Breach) => row.instance?.id ?? row.run?.id ?? '' },
          { head: 'SINCE', cell: (row: Breach) => row.breachedAt },
          { head: 'UNTIL', cell: (row: Breach) => row.resolvedAt ?? '' },
          { head: 'FACTS', cell: factsOf },
          { head: 'ACTIONS', cell: actionsOf },
        ]
        printTable(terminal, columns, breaches, 'No breach.')
      })
      finish(EXIT.OK)
    })
}

function factsOf({ facts }: Breach): string {
  return Object.entries(facts)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ')
}

function actionsOf({ actionsTaken }: Breach): string {
  return actionsTaken
    .map(({ type, occasion, status }) => `${type}${occasion === 'RESOLVED' ? '/resolved' : ''}:${status}`)
    .join(' ')
}
