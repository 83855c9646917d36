import { projectNotFound } from '../dags/find-project.js'
import { EXIT } from '../exit-code.js'
import { printFields, printTable } from '../output/table.js'
import { moment } from '../output/time.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

const PROJECT = /* GraphQL */ `
  query ProjectShown($name: String!) {
    project(name: $name) {
      id name description createdAt archivedAt viewerRole
      dags { totalCount }
      runs { totalCount }
      members { user { username } role grantedAt }
    }
  }
`

interface Member {
  readonly user: { readonly username: string }
  readonly role: string
  readonly grantedAt: string
}

interface Project {
  readonly name: string
  readonly description: string
  readonly createdAt: string
  readonly archivedAt: string | null
  readonly viewerRole: string | null
  readonly dags: { readonly totalCount: number }
  readonly runs: { readonly totalCount: number }
  readonly members: readonly Member[]
}

const COLUMNS = [
  { head: 'MEMBER', cell: ({ user }: Member) => user.username },
  { head: 'ROLE', cell: ({ role }: Member) => role },
  { head: 'SINCE', cell: ({ grantedAt }: Member) => moment(grantedAt) },
]

/** `dagbook project show NAME`: what it is, and who works in it. */
export const addProjectShow: AddCommand = (parent, world, finish) => {
  const { terminal } = world
  parent
    .command('show')
    .description('Show a project and its members')
    .argument('<project>', 'its name')
    .option('--json', 'print { project }')
    .action(async (name: string, options: { json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const { project } = (await api.query<{ project: Project | null }>(PROJECT, { name })).data
        if (project === null) throw projectNotFound(name)
        if (options.json) return terminal.json({ project })
        const { description, createdAt, archivedAt, viewerRole, dags, runs, members } = project
        printFields(terminal, 'PROJECT', name, [
          ['description', description || null],
          ['your role', viewerRole],
          ['DAGs', String(dags.totalCount)],
          ['runs', String(runs.totalCount)],
          ['created', moment(createdAt)],
          ['archived', archivedAt === null ? 'no' : moment(archivedAt)],
        ])
        terminal.print('')
        printTable(terminal, COLUMNS, members, `No member. Next: dagbook project member grant ${name} USERNAME ROLE`)
      })
      finish(EXIT.OK)
    })
}
