import { BACKFILL_FIELDS, type Backfill } from '../backfills/backfill.js'
import { EXIT } from '../exit-code.js'
import { change } from '../graphql/change.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

const CANCEL = /* GraphQL */ `
  mutation CancelBackfill($input: CancelBackfillInput!) {
    cancelBackfill(input: $input) { backfill { ...BackfillFields } userErrors { message code path } }
  }
  ${BACKFILL_FIELDS}
`

interface Payload {
  readonly backfill: Backfill | null
}

/** `dagbook backfill cancel BACKFILL`: its runs that have not ended are canceled. */
export const addBackfillCancel: AddCommand = (parent, world, finish) => {
  parent
    .command('cancel')
    .description('Cancel the runs of a backfill that have not ended')
    .argument('<backfill>', "a backfill's id")
    .option('--reason <text>', 'why, for the journal')
    .option('--json', 'print { backfill }')
    .action(async (backfillId: string, { reason, json }: { reason?: string; json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const input = reason === undefined ? { backfillId } : { backfillId, reason }
        const cancelBackfill = await change<Payload>(api, CANCEL, input, `dagbook backfill show ${backfillId}`)
        if (json) world.terminal.json({ backfill: cancelBackfill.backfill })
        else world.terminal.print(`${backfillId} ${cancelBackfill.backfill?.status}`)
      })
      finish(EXIT.OK)
    })
}
