import { visibleProjectIds } from '../../access/viewer.js'
import { getProjects } from '../../projections/project/list-projects.js'
import type { Noun } from '../noun.js'
import { ProjectMemberResolver, ProjectResolver } from './project.resolver.js'

export const projectNoun: Noun = {
  resolvers: [ProjectResolver, ProjectMemberResolver],
  nodes: [
    {
      prefix: 'project',
      typeName: 'Project',
      load: (ids, { services, viewer }) => getProjects(services.database, ids, visibleProjectIds(viewer)),
    },
  ],
}
