import { importAirflow } from '../imports/airflow.js'
import type { AddCommand } from './command.js'
import { type ImportOptions, runImport } from './import-format.js'

/** `dagbook import airflow FILE`. */
export const addImportAirflow: AddCommand = (parent, world, finish) => {
  parent
    .command('airflow')
    .description('Import Airflow DAGs in YAML, in the form of dag-factory, as one DAG each')
    .argument('<file>', 'the DAGs, YAML; - for stdin')
    .option('--project <name>', 'the project to publish in')
    .option('--dry-run', 'publish nothing, print the DAG files')
    .option('--json', 'print { definitions, warnings, lost }, or once published { published, warnings, lost }')
    .action((file: string, options: ImportOptions) => runImport(world, finish, file, options, importAirflow))
}
