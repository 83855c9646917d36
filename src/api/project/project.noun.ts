import { visibleProjectIds } from '../../access/viewer.js'
import { getProjects } from '../../projections/project/list-projects.js'
import type { Noun } from '../noun.js'
import { ProjectMemberResolver, ProjectResolver } from './project.resolver.js'
import { SecretResolver } from './secret.resolver.js'

export const projectNoun: Noun = {
  resolvers: [ProjectResolver, ProjectMemberResolver, SecretResolver],
  nodes: [
    {
      prefix: 'project',
      typeName: 'Project',
      load: (ids, { services, viewer }) => getProjects(services.database, ids, visibleProjectIds(viewer)),
    },
  ],
}
