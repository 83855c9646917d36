import { readSource } from '../dags/read-source.js'
import { EXIT } from '../exit-code.js'
import { UsageFailure } from '../failure.js'
import { queryFailure } from '../graphql/failure-of.js'
import { parseOperation } from '../query/operation.js'
import { streamOperation } from '../query/stream-operation.js'
import { queryVariables } from '../query/variables.js'
import { type World, withConnection } from '../world.js'
import { type AddCommand, collected } from './command.js'

interface Options {
  file?: string
  var?: string[]
  varJson?: string[]
  operation?: string
  json?: boolean
}

/** `dagbook api QUERY`: any query, mutation or subscription of the API, as the one who is signed in. */
export const addApi: AddCommand = (parent, world, finish) => {
  parent
    .command('api')
    .description('Send a GraphQL query, mutation or subscription and print its data')
    .argument('[query]', 'the GraphQL document; - for stdin')
    .option('-f, --file <file>', 'read the document from this file; - for stdin')
    .option('--var <name=text>', 'a variable that is a string; may be repeated', collected)
    .option('--var-json <name=json>', 'a variable of any type; may be repeated', collected)
    .option('--operation <name>', 'this one, where the document has several')
    .option('--json', 'print the data on one line, on a terminal too; a subscription is NDJSON always')
    .action(async (query: string | undefined, options: Options) => {
      const variables = queryVariables(options.var ?? [], options.varJson ?? [])
      const text = await documentText(world, query, options.file)
      const operation = await parseOperation(text, options.operation)
      await withConnection(world, async (connection) => {
        const { terminal } = world
        if (operation.definition.operation === 'subscription') {
          return streamOperation(world, connection, operation, variables, (item) => terminal.json(item))
        }
        const { name } = operation
        const request = { query: text, variables, ...(name === undefined ? {} : { operationName: name }) }
        // Whether a mutation whose answer was lost may be repeated, only the person knows.
        const answer = await connection.api.ask(request, operation.definition.operation === 'query')
        if (answer.data != null) options.json ? terminal.json(answer.data) : terminal.prettyJson(answer.data)
        const errors = answer.errors ?? []
        if (errors.length > 0) throw queryFailure(errors, connection.api.server)
      })
      finish(EXIT.OK)
    })
}

async function documentText({ terminal }: World, query: string | undefined, file: string | undefined): Promise<string> {
  if (query !== undefined && file !== undefined)
    throw new UsageFailure('Query: must be an argument or --file, given both')
  if (file !== undefined) return readSource(file, terminal)
  if (query === undefined)
    throw new UsageFailure('Query: must be given, or --file', "dagbook api '{ viewer { username } }'")
  return query === '-' ? readSource('-', terminal) : query
}
