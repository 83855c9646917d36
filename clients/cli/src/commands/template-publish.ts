import { parseMapping } from '../dags/parse-mapping.js'
import { readSource } from '../dags/read-source.js'
import { EXIT } from '../exit-code.js'
import { UsageFailure } from '../failure.js'
import { change } from '../graphql/change.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

const PUBLISH_TEMPLATE = /* GraphQL */ `
  mutation PublishTemplate($input: PublishTemplateInput!) {
    publishTemplate(input: $input) { template { id name version } userErrors { message code path } position }
  }
`

interface Payload {
  readonly template: { readonly id: string; readonly name: string; readonly version: number } | null
  readonly position: string | null
}

/** `dagbook template publish FILE`: makes the next version of a template. */
export const addTemplatePublish: AddCommand = (parent, world, finish) => {
  parent
    .command('publish')
    .description('Publish a template as its next version')
    .argument('<file>', 'name, engine, definition, parametersSchema ... as YAML or JSON; - for stdin')
    .option('--json', 'print { template, isNew }')
    .action(async (file: string, options: { json?: boolean }) => {
      const { terminal } = world
      const input = parseTemplate(file, await readSource(file, terminal))
      await withConnection(world, async ({ api }) => {
        const { template, position } = await change<Payload>(api, PUBLISH_TEMPLATE, input, 'dagbook template list')
        if (options.json) terminal.json({ template, isNew: position !== null })
        else terminal.print(`${template?.name}@${template?.version}${position === null ? ' (unchanged)' : ''}`)
      })
      finish(EXIT.OK)
    })
}

const FIELDS = ['name', 'engine', 'taskType', 'description', 'definition', 'parametersSchema']

function parseTemplate(file: string, text: string): Record<string, unknown> {
  const value = parseMapping(`File ${file}`, text, `a template, a mapping with ${FIELDS.join(', ')}`)
  const stranger = Object.keys(value).find((key) => !FIELDS.includes(key))
  if (stranger !== undefined) {
    throw new UsageFailure(`File ${file}: ${stranger} is not a field of a template; these are ${FIELDS.join(', ')}`)
  }
  return value
}
