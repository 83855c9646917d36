import { change } from '../graphql/change.js'
import { type World, withConnection } from '../world.js'
import { findProject } from './find-project.js'

interface Payload {
  readonly project: { readonly id: string; readonly name: string; readonly description: string } | null
}

/** Changes the project of that name, and answers with it. Throws NotFoundFailure. */
export async function changeProject(
  world: World,
  name: string,
  { document, input }: { readonly document: string; readonly input?: Readonly<Record<string, unknown>> },
): Promise<Payload['project']> {
  return withConnection(world, async ({ api }) => {
    const { id: projectId } = await findProject(api, name)
    return (await change<Payload>(api, document, { ...input, projectId }, 'dagbook project list')).project
  })
}
