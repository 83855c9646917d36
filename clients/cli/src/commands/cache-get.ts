import { withRunCache } from '../cache/open-run-cache.js'
import { valueText } from '../cache/read-value.js'
import { EXIT } from '../exit-code.js'
import { NotFoundFailure } from '../failure.js'
import type { AddCommand } from './command.js'

/** `dagbook cache get KEY`: prints a value of a run's cache. */
export const addCacheGet: AddCommand = (parent, world, finish) => {
  parent
    .command('get')
    .description("Print a value of a run's cache: text as it is, anything else as JSON")
    .argument('<key>', 'of the entry')
    .option('--run <run>', "a run's id, or PROJECT/DAG for its latest run; default: the run of this task")
    .option('--json', 'print { cacheEntry }')
    .action(async (key: string, options: { run?: string; json?: boolean }) => {
      const cacheEntry = await withRunCache(world, options.run, (cache) => cache.get(key))
      if (cacheEntry === null) throw new NotFoundFailure(`Entry ${key}: is not in the cache`, 'dagbook cache list')
      if (options.json) world.terminal.json({ cacheEntry })
      else world.terminal.print(valueText(cacheEntry.value))
      finish(EXIT.OK)
    })
}
