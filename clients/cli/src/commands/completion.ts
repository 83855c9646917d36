import { Argument } from 'commander'
import { completionScript, SHELLS, type Shell } from '../completion/scripts.js'
import { EXIT } from '../exit-code.js'
import type { AddCommand } from './command.js'

/** `dagbook completion SHELL`: the script that makes a shell complete commands, options and names. */
export const addCompletion: AddCommand = (parent, world, finish) => {
  parent
    .command('completion')
    .description("Print a shell's completion script; its first line says how to load it")
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action((shell: Shell) => {
      world.terminal.stdout.write(completionScript(shell))
      finish(EXIT.OK)
    })
}
