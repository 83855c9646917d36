import { importRundeck } from '../imports/rundeck.js'
import type { AddCommand } from './command.js'
import { type ImportOptions, runImport } from './import-format.js'

/** `dagbook import rundeck FILE`. */
export const addImportRundeck: AddCommand = (parent, world, finish) => {
  parent
    .command('rundeck')
    .description("Import jobs in Rundeck's YAML, as one DAG each")
    .argument('<file>', 'the jobs, as rd jobs list -F yaml exports them; - for stdin')
    .option('--project <name>', 'the project to publish in')
    .option('--dry-run', 'publish nothing, print the DAG files')
    .option('--json', 'print { definitions, warnings, lost }, or once published { published, warnings, lost }')
    .action((file: string, options: ImportOptions) => runImport(world, finish, file, options, importRundeck))
}
