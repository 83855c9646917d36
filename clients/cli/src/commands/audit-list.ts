import { AUDIT_PAGE, type AuditEntry, type AuditOptions, auditPages, withAuditOptions } from '../audit/audit-log.js'
import { EXIT } from '../exit-code.js'
import { firstNodes } from '../graphql/pages.js'
import { printTable } from '../output/table.js'
import { moment as shown } from '../output/time.js'
import { withConnection } from '../world.js'
import { type AddCommand, wholeNumber } from './command.js'

interface Options extends AuditOptions {
  readonly limit: number
  readonly json?: boolean
}

/** `dagbook audit list`: who did or tried what. */
export const addAuditList: AddCommand = (parent, world, finish) => {
  const columns = [
    { head: 'AT', cell: (row: AuditEntry) => shown(row.createdAt) },
    { head: 'WHO', cell: (row: AuditEntry) => row.username },
    { head: 'FROM', cell: (row: AuditEntry) => row.ipAddress },
    { head: 'ACTION', cell: (row: AuditEntry) => row.action },
    { head: 'OUTCOME', cell: (row: AuditEntry) => row.outcome },
    { head: 'WHAT', cell: (row: AuditEntry) => row.entityId ?? row.entityType },
    { head: 'WHY NOT', cell: (row: AuditEntry) => row.errorMessage?.slice(0, 80) },
  ]
  withAuditOptions(parent.command('list'))
    .description('Show who did or tried what, newest first; that you look is written down, too')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 1_000_000), 50)
    .option('--json', 'print { auditLog: [...] }, with what was before and after')
    .action(async (options: Options) => {
      await withConnection(world, async ({ api }) => {
        const auditLog = await firstNodes(options.limit, AUDIT_PAGE, await auditPages(api, options))
        if (options.json) world.terminal.json({ auditLog })
        else printTable(world.terminal, columns, auditLog, 'No entry')
      })
      finish(EXIT.OK)
    })
}
