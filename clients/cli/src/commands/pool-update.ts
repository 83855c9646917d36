import { EXIT } from '../exit-code.js'
import { UsageFailure } from '../failure.js'
import { printPool, updatePool } from '../pools/pool.js'
import { type AddCommand, amount } from './command.js'

interface Options {
  readonly cpu?: number
  readonly memoryMb?: number
  readonly json?: boolean
}

/** `dagbook pool update NAME`: changes what is given. */
export const addPoolUpdate: AddCommand = (parent, world, finish) => {
  parent
    .command('update')
    .description('Change what is given of a pool; what runs goes on')
    .argument('<pool>', 'its name')
    .option('--cpu <n>', 'cpus that its tasks may ask for at a time', amount)
    .option('--memory-mb <n>', 'MB of memory that they may ask for at a time', amount)
    .option('--json', 'print { pool }')
    .action(async (name: string, { cpu: totalCpu, memoryMb: totalMemoryMb, json }: Options) => {
      if (totalCpu === undefined && totalMemoryMb === undefined) {
        throw new UsageFailure('Options: at least one must say what is to change', 'dagbook pool update --help')
      }
      const pool = await updatePool(world, name, { totalCpu, totalMemoryMb })
      if (json) world.terminal.json({ pool })
      else printPool(world.terminal, pool)
      finish(EXIT.OK)
    })
}
