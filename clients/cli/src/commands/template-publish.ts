import { parse } from 'yaml'
import { readSource } from '../dags/read-source.js'
import { EXIT } from '../exit-code.js'
import { UsageFailure } from '../failure.js'
import { refuseUserErrors, type UserError } from '../graphql/failure-of.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

const PUBLISH_TEMPLATE = /* GraphQL */ `
  mutation PublishTemplate($input: PublishTemplateInput!) {
    publishTemplate(input: $input) { template { id name version } userErrors { message code path } position }
  }
`

interface Payload {
  readonly template: { readonly id: string; readonly name: string; readonly version: number } | null
  readonly userErrors: readonly UserError[]
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
        const { publishTemplate } = await api.mutate<{ publishTemplate: Payload }>(PUBLISH_TEMPLATE, input)
        refuseUserErrors(publishTemplate, 'dagbook template list')
        const { template, position } = publishTemplate
        if (options.json) terminal.json({ template, isNew: position !== null })
        else terminal.print(`${template?.name}@${template?.version}${position === null ? ' (unchanged)' : ''}`)
      })
      finish(EXIT.OK)
    })
}

const FIELDS = ['name', 'engine', 'taskType', 'description', 'definition', 'parametersSchema']

function parseTemplate(file: string, text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = parse(text)
  } catch (error) {
    throw new UsageFailure(`File ${file}: must be JSON or YAML (${(error as Error).message.split('\n')[0]})`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageFailure(`File ${file}: must be a template, a mapping with ${FIELDS.join(', ')}`)
  }
  const stranger = Object.keys(value).find((key) => !FIELDS.includes(key))
  if (stranger !== undefined) {
    throw new UsageFailure(`File ${file}: ${stranger} is not a field of a template; these are ${FIELDS.join(', ')}`)
  }
  return value as Record<string, unknown>
}
