import { withRunCache } from '../cache/open-run-cache.js'
import { EXIT } from '../exit-code.js'
import { NotFoundFailure } from '../failure.js'
import type { AddCommand } from './command.js'

/** `dagbook cache delete KEY`: takes an entry out of a run's cache. */
export const addCacheDelete: AddCommand = (parent, world, finish) => {
  parent
    .command('delete')
    .description("Take an entry out of a run's cache while the run goes on")
    .argument('<key>', 'of the entry')
    .option('--run <run>', "a run's id, or PROJECT/DAG for its latest run; default: the run of this task")
    .option('--json', 'print { cacheEntry } as it was')
    .action(async (key: string, options: { run?: string; json?: boolean }) => {
      const cacheEntry = await withRunCache(world, options.run, (cache) => cache.delete(key))
      if (cacheEntry === null) throw new NotFoundFailure(`Entry ${key}: is not in the cache`, 'dagbook cache list')
      if (options.json) world.terminal.json({ cacheEntry })
      else world.terminal.print(`Deleted ${key}`)
      finish(EXIT.OK)
    })
}
