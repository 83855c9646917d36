import { Field, ID, ObjectType, registerEnumType } from 'type-graphql'
import type { ProjectRole } from '../../domain/project/project.js'
import { Access } from '../access-rule.js'
import { connectionOf } from '../connection.js'
import { Node } from '../node.js'

/** The GraphQL enum ProjectRole. */
export const ProjectRoleEnum: { readonly [Name in ProjectRole]: Name } = {
  VIEWER: 'VIEWER',
  OPERATOR: 'OPERATOR',
  EDITOR: 'EDITOR',
  OWNER: 'OWNER',
}
registerEnumType(ProjectRoleEnum, {
  name: 'ProjectRole',
  description: 'What a member may do in a project; each role includes those before it.',
  valuesConfig: {
    VIEWER: { description: 'Reads everything in it.' },
    OPERATOR: { description: 'Triggers and steers runs.' },
    EDITOR: { description: 'Publishes and enables DAGs.' },
    OWNER: { description: 'Grants and revokes roles, sets secrets, renames and archives.' },
  },
})

@Access('signedIn')
@ObjectType({ description: 'Owns DAGs; its members have a role in it.', implements: Node, simpleResolvers: true })
export class Project implements Node {
  @Field(() => ID, { description: 'A TypeID, project_...' })
  id!: string

  @Field(() => String, { description: 'Unique.' })
  name!: string

  @Field(() => String, { description: 'May be empty.' })
  description!: string

  createdById!: string | null

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date

  @Field(() => Date, { description: 'When it or its members changed last.' })
  updatedAt!: Date

  @Field(() => Date, { nullable: true, description: 'Since when it is read only; null while it is not.' })
  archivedAt!: Date | null
}

/** ProjectEdge and ProjectConnection. */
export const ProjectConnection = connectionOf(Project, { name: 'Project' })

@Access('signedIn')
@ObjectType({ description: 'A user with a role in a project.', simpleResolvers: true })
export class ProjectMember {
  userId!: string

  @Field(() => ProjectRoleEnum, { description: 'What the user may do in the project.' })
  role!: ProjectRole

  @Field(() => Date, { description: 'When the role was granted.' })
  grantedAt!: Date
}

@Access('signedIn')
@ObjectType({ description: 'A value that tasks receive and nobody can read back.', simpleResolvers: true })
export class Secret {
  @Field(() => String, { description: 'By which tasks ask for it: `env: { PGPASSWORD: { secret: NAME } }`.' })
  name!: string

  @Field(() => Date, { description: 'When it was set first.' })
  createdAt!: Date

  @Field(() => Date, { description: 'When it was set last.' })
  updatedAt!: Date
}
