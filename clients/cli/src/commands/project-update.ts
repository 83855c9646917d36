import { changeProject } from '../dags/change-project.js'
import { EXIT } from '../exit-code.js'
import { UsageFailure } from '../failure.js'
import type { AddCommand } from './command.js'

const UPDATE_PROJECT = /* GraphQL */ `
  mutation UpdateProject($input: UpdateProjectInput!) {
    updateProject(input: $input) { project { id name description archivedAt } userErrors { message code path } }
  }
`

interface Options {
  name?: string
  description?: string
  json?: boolean
}

/** `dagbook project update NAME`: another name or description. */
export const addProjectUpdate: AddCommand = (parent, world, finish) => {
  parent
    .command('update')
    .description('Give a project another name or description')
    .argument('<project>', 'its name')
    .option('--name <name>', 'from now on')
    .option('--description <text>', 'what it is for')
    .option('--json', 'print { project }')
    .action(async (text: string, { json, ...input }: Options) => {
      if (Object.keys(input).length === 0) {
        throw new UsageFailure('Options: at least one must say what is to change', 'dagbook project update --help')
      }
      const project = await changeProject(world, text, { document: UPDATE_PROJECT, input })
      if (json) world.terminal.json({ project })
      else world.terminal.print(`Project ${project?.name ?? text} is changed`)
      finish(EXIT.OK)
    })
}
