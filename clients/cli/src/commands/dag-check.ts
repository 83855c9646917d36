import { type Problem, printProblems } from '../dags/problems.js'
import { readSource } from '../dags/read-source.js'
import { EXIT } from '../exit-code.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

// checkDag is the only root field, since only then may the request be larger than 64 KB.
const CHECK = /* GraphQL */ `
  query CheckDag($source: String!) {
    checkDag(source: $source) { isValid definition problems { message code path line column } }
  }
`

interface Report {
  readonly isValid: boolean
  readonly definition: { readonly name?: string; readonly tasks?: Readonly<Record<string, unknown>> } | null
  readonly problems: readonly Problem[]
}

/** `dagbook dag check FILE`: every problem of a definition at once, without publishing it. */
export const addDagCheck: AddCommand = (parent, world, finish) => {
  parent
    .command('check')
    .description('Report every problem of a DAG file; exit code 3 when there are any')
    .argument('<file>', 'the DAG file, YAML or JSON; - for stdin')
    .option('--json', 'print { isValid, problems, definition }')
    .action(async (file: string, options: { json?: boolean }) => {
      const { terminal } = world
      const source = await readSource(file, terminal)
      await withConnection(world, async ({ api }) => {
        const { isValid, problems, definition } = (await api.query<{ checkDag: Report }>(CHECK, { source })).data
          .checkDag
        if (options.json) terminal.json({ isValid, problems, definition })
        else if (isValid) {
          const tasks = Object.keys(definition?.tasks ?? {}).length
          terminal.print(`${file} is valid: ${definition?.name ?? 'a DAG'}, ${tasks} ${tasks === 1 ? 'task' : 'tasks'}`)
        } else {
          printProblems(terminal, file, problems)
        }
        finish(isValid ? EXIT.OK : EXIT.REFUSED)
      })
    })
}
