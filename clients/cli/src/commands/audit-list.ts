import { EXIT } from '../exit-code.js'
import { firstNodes, type Page } from '../graphql/pages.js'
import { printTable } from '../output/table.js'
import { moment as shown } from '../output/time.js'
import { findUser } from '../people/user.js'
import { withConnection } from '../world.js'
import { type AddCommand, moment, oneOf, wholeNumber } from './command.js'

const AUDIT_LOG = /* GraphQL */ `
  query AuditLog($filter: AuditFilter, $first: Int!, $after: String) {
    auditLog(filter: $filter, first: $first, after: $after) {
      nodes { id position action entityType entityId username details outcome errorMessage ipAddress createdAt }
      pageInfo { hasNextPage endCursor }
    }
  }
`

interface Entry {
  readonly action: string
  readonly entityType: string
  readonly entityId: string | null
  readonly username: string | null
  readonly outcome: string
  readonly errorMessage: string | null
  readonly ipAddress: string | null
  readonly createdAt: string
}

interface Options {
  readonly action?: string
  readonly entity?: string
  readonly type?: string
  readonly user?: string
  readonly outcome?: string
  readonly from?: string
  readonly to?: string
  readonly limit: number
  readonly json?: boolean
}

/** `dagbook audit list`: who did or tried what. */
export const addAuditList: AddCommand = (parent, world, finish) => {
  const columns = [
    { head: 'AT', cell: (row: Entry) => shown(row.createdAt) },
    { head: 'WHO', cell: (row: Entry) => row.username },
    { head: 'FROM', cell: (row: Entry) => row.ipAddress },
    { head: 'ACTION', cell: (row: Entry) => row.action },
    { head: 'OUTCOME', cell: (row: Entry) => row.outcome },
    { head: 'WHAT', cell: (row: Entry) => row.entityId ?? row.entityType },
    { head: 'WHY NOT', cell: (row: Entry) => row.errorMessage?.slice(0, 80) },
  ]
  parent
    .command('list')
    .description('Show who did or tried what, newest first; that you look is written down, too')
    .option('--action <name>', 'only this: an event type, signIn, a mutation ...')
    .option('--entity <id>', 'only about this')
    .option('--type <type>', 'only about this kind: User, Project, Dag, Run ...')
    .option('--user <username>', 'only by this user')
    .option('--outcome <outcome>', 'SUCCESS, FAILED or DENIED', oneOf('SUCCESS', 'FAILED', 'DENIED'))
    .option('--from <time>', 'only at this time or later', moment)
    .option('--to <time>', 'only before this time', moment)
    .option('--limit <n>', 'at most this many', wholeNumber(1, 1_000_000), 50)
    .option('--json', 'print { auditLog: [...] }, with what was before and after')
    .action(async (options: Options) => {
      await withConnection(world, async ({ api }) => {
        const { action, entity: entityId, type: entityType, outcome, from, to } = options
        const userId = options.user === undefined ? undefined : (await findUser(api, options.user)).id
        const filter = { action, entityId, entityType, userId, outcome, from, to }
        const auditLog = await firstNodes(options.limit, 100, async (first, after) => {
          return (await api.query<{ auditLog: Page<Entry> }>(AUDIT_LOG, { filter, first, after })).data.auditLog
        })
        if (options.json) world.terminal.json({ auditLog })
        else printTable(world.terminal, columns, auditLog, 'No entry')
      })
      finish(EXIT.OK)
    })
}
