import { stringify } from 'yaml'
import { findProject } from '../dags/find-project.js'
import { printPublished } from '../dags/print-published.js'
import { publishDag } from '../dags/publish.js'
import { readSource } from '../dags/read-source.js'
import { EXIT } from '../exit-code.js'
import { UsageFailure } from '../failure.js'
import type { ImportedDag, ImportResult } from '../imports/imported.js'
import { type World, withConnection } from '../world.js'
import type { Finish } from './command.js'

/** What every import is told. */
export interface ImportOptions {
  project?: string
  dryRun?: boolean
  json?: boolean
}

/** Imports a file and publishes what comes of it, or only shows it. */
export async function runImport(
  world: World,
  finish: Finish,
  file: string,
  options: ImportOptions,
  importer: (text: string) => ImportResult,
): Promise<void> {
  const result = importer(await readSource(file, world.terminal))
  if (options.dryRun) {
    show(world, file, result, options.json === true)
    return finish(EXIT.OK)
  }
  const { project } = options
  if (project === undefined) throw new UsageFailure('--project: is needed unless --dry-run is given')
  await publish(world, finish, file, result, project, options.json === true)
}

/** The file that an imported DAG is published as. */
export function sourceOf(definition: ImportedDag): string {
  return stringify(definition, { lineWidth: 0, aliasDuplicateObjects: false })
}

function show({ terminal }: World, file: string, result: ImportResult, asJson: boolean): void {
  if (asJson) {
    terminal.json(result)
    return
  }
  noteAll({ terminal }, file, result)
  terminal.print(result.definitions.map((definition) => sourceOf(definition).trimEnd()).join('\n---\n'))
}

function noteAll({ terminal }: Pick<World, 'terminal'>, file: string, { warnings, lost }: ImportResult): void {
  for (const { line, message } of warnings)
    terminal.note(`${file}${line === null ? '' : `:${line}`}: warning: ${message}`)
  if (lost.length > 0) terminal.note(`${file}: lost: ${lost.join(', ')}`)
}

async function publish(
  world: World,
  finish: Finish,
  file: string,
  result: ImportResult,
  projectName: string,
  asJson: boolean,
): Promise<void> {
  const { terminal } = world
  await withConnection(world, async ({ api }) => {
    const project = await findProject(api, projectName)
    if (!asJson) noteAll(world, file, result)
    const published = []
    for (const definition of result.definitions) {
      const { name } = definition
      const one = await publishDag(api, project.id, sourceOf(definition))
      published.push({ name, ...one })
      if (!asJson) printPublished(terminal, project.name, `${file} (${name})`, one)
    }
    if (asJson) terminal.json({ published, warnings: result.warnings, lost: result.lost })
    finish(published.some(({ problems }) => problems.length > 0) ? EXIT.REFUSED : EXIT.OK)
  })
}
