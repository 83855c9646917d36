import { changeProject } from '../dags/change-project.js'
import { EXIT } from '../exit-code.js'
import type { AddCommand } from './command.js'

const ARCHIVE_PROJECT = /* GraphQL */ `
  mutation ArchiveProject($input: ArchiveProjectInput!) {
    archiveProject(input: $input) { project { id name description archivedAt } userErrors { message code path } }
  }
`

/** `dagbook project archive NAME`: read only from now on. */
export const addProjectArchive: AddCommand = (parent, world, finish) => {
  parent
    .command('archive')
    .description('Make a project read only for ever: no new runs, nothing is published; what runs goes on')
    .argument('<project>', 'its name')
    .option('--json', 'print { project }')
    .action(async (name: string, options: { json?: boolean }) => {
      const project = await changeProject(world, name, { document: ARCHIVE_PROJECT })
      if (options.json) world.terminal.json({ project })
      else world.terminal.print(`Archived project ${name}`)
      finish(EXIT.OK)
    })
}
