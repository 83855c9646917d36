import { AUDIT_PAGE, type AuditOptions, auditPages, withAuditOptions } from '../audit/audit-log.js'
import { EXIT } from '../exit-code.js'
import { nodePages } from '../graphql/pages.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

/** `dagbook audit export`: all entries, for what reads one a line. */
export const addAuditExport: AddCommand = (parent, world, finish) => {
  withAuditOptions(parent.command('export'))
    .description('Print every entry as NDJSON, newest first; that you do is written down, too')
    .action(async (options: AuditOptions) => {
      await withConnection(world, async ({ api }) => {
        for await (const entries of nodePages(AUDIT_PAGE, await auditPages(api, options))) {
          for (const entry of entries) world.terminal.json(entry)
        }
      })
      finish(EXIT.OK)
    })
}
