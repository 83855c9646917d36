import { withRunCache } from '../cache/open-run-cache.js'
import { readValue } from '../cache/read-value.js'
import { VALUE_TYPES } from '../cache/run-cache.js'
import { EXIT } from '../exit-code.js'
import { type AddCommand, oneOf, wholeNumber } from './command.js'

interface Options {
  run?: string
  type?: string
  expires?: number
  json?: boolean
}

/** `dagbook cache set KEY VALUE`: keeps a value in a run's cache. */
export const addCacheSet: AddCommand = (parent, world, finish) => {
  parent
    .command('set')
    .description("Keep a value in a run's cache while the run goes on")
    .argument('<key>', 'of the entry')
    .argument('<value>', 'JSON where it is a number, true, false, an object or a list; else text')
    .option('--run <run>', "a run's id, or PROJECT/DAG for its latest run; default: the run of this task")
    .option(
      '--type <type>',
      'STRING, NUMBER, BOOLEAN, JSON or BINARY (base64); default: as it looks',
      oneOf(...VALUE_TYPES),
    )
    .option('--expires <seconds>', 'after how many seconds it is gone; default: never', wholeNumber(1, 315_360_000))
    .option('--json', 'print { cacheEntry }')
    .action(async (key: string, text: string, { run, type, expires, json }: Options) => {
      const entry = { key, value: readValue(text, type), type, expiresInSeconds: expires }
      const cacheEntry = await withRunCache(world, run, (cache) => cache.set(entry))
      if (json) world.terminal.json({ cacheEntry })
      else world.terminal.print(`Set ${key} (${cacheEntry.type})`)
      finish(EXIT.OK)
    })
}
