import { EXIT } from '../exit-code.js'
import { change } from '../graphql/change.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

const CREATE_PROJECT = /* GraphQL */ `
  mutation CreateProject($input: CreateProjectInput!) {
    createProject(input: $input) { project { id name description } userErrors { message code path } }
  }
`

interface Payload {
  readonly project: { readonly id: string; readonly name: string; readonly description: string } | null
}

/** `dagbook project create NAME`: makes a project; whoever makes it owns it. */
export const addProjectCreate: AddCommand = (parent, world, finish) => {
  parent
    .command('create')
    .description('Create a project; you become its owner')
    .argument('<name>', 'its name')
    .option('--description <text>', 'what it is for')
    .option('--json', 'print { project }')
    .action(async (name: string, options: { description?: string; json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const { description } = options
        const input = { name, ...(description === undefined ? {} : { description }) }
        const createProject = await change<Payload>(api, CREATE_PROJECT, input, 'dagbook project list')
        if (options.json) world.terminal.json({ project: createProject.project })
        else world.terminal.print(`Created project ${createProject.project?.name ?? name}`)
      })
      finish(EXIT.OK)
    })
}
