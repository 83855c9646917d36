import { importCrontab } from '../imports/crontab.js'
import type { AddCommand } from './command.js'
import { type ImportOptions, runImport } from './import-format.js'

interface Options extends ImportOptions {
  system?: boolean
  timezone?: string
  machine?: string
}

/** `dagbook import crontab FILE`: a DAG for each job of a crontab. */
export const addImportCrontab: AddCommand = (parent, world, finish) => {
  parent
    .command('crontab')
    .description('Import a crontab as one DAG a job')
    .argument('<file>', 'the crontab, as crontab -l prints it; - for stdin')
    .option('--system', 'the form of /etc/crontab and /etc/cron.d, with a user before each command')
    .option('--timezone <zone>', "the host's zone, for jobs without CRON_TZ")
    .option('--machine <name>', 'the machine whose crontab it is')
    .option('--project <name>', 'the project to publish in')
    .option('--dry-run', 'publish nothing, print the DAG files')
    .option('--json', 'print { definitions, warnings, lost }, or once published { published, warnings, lost }')
    .action((file: string, options: Options) => {
      const { system = false, timezone = null, machine = null } = options
      return runImport(world, finish, file, options, (text) =>
        importCrontab(text, { isSystem: system, timezone, machine }),
      )
    })
}
