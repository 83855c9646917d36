import { completionLines } from '../completion/complete.js'
import { EXIT } from '../exit-code.js'
import type { AddCommand } from './command.js'

/** `dagbook __complete -- WORD...`: what the completion scripts ask; whatever goes wrong, there is only nothing to say. */
export const addComplete: AddCommand = (parent, world, finish) => {
  parent
    .command('__complete', { hidden: true })
    .argument('[words...]', 'the command line after dagbook; the last word is unfinished')
    .action(async (words: string[]) => {
      const lines = await completionLines(parent, world, words).catch(() => [])
      for (const line of lines) world.terminal.print(line)
      finish(EXIT.OK)
    })
}
