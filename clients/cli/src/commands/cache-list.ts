import { withRunCache } from '../cache/open-run-cache.js'
import { valueText } from '../cache/read-value.js'
import type { CacheEntry } from '../cache/run-cache.js'
import { EXIT } from '../exit-code.js'
import { printable } from '../output/printable.js'
import { type Column, printTable } from '../output/table.js'
import { moment } from '../output/time.js'
import type { AddCommand } from './command.js'

const COLUMNS: readonly Column<CacheEntry>[] = [
  { head: 'KEY', cell: (row) => row.key },
  { head: 'TYPE', cell: (row) => row.type },
  { head: 'VALUE', cell: (row) => printable(valueText(row.value)).slice(0, 80) },
  { head: 'SET', cell: (row) => moment(row.updatedAt) },
  { head: 'EXPIRES', cell: (row) => moment(row.expiresAt) },
]

/** `dagbook cache list`: what is in a run's cache. */
export const addCacheList: AddCommand = (parent, world, finish) => {
  parent
    .command('list')
    .description("List what is in a run's cache")
    .option('--run <run>', "a run's id, or PROJECT/DAG for its latest run; default: the run of this task")
    .option('--json', 'print { cache: [...] }')
    .action(async (options: { run?: string; json?: boolean }) => {
      const cache = await withRunCache(world, options.run, (of) => of.list())
      if (options.json) world.terminal.json({ cache })
      else printTable(world.terminal, COLUMNS, cache, 'Nothing is in the cache.')
      finish(EXIT.OK)
    })
}
