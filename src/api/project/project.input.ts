import { Field, ID, InputType, ObjectType } from 'type-graphql'
import type { ProjectRole } from '../../domain/project/project.js'
import { Access } from '../access-rule.js'
import { Payload } from '../payload.js'
import { Project, ProjectRoleEnum } from './project.type.js'

const KEY = 'A repeat with the same key and input does nothing again.'

@InputType({ description: 'A project to be; the viewer becomes its first OWNER.' })
export class CreateProjectInput {
  @Field(() => String, {
    description: 'Unique: letters, digits, "_", "." and "-", the first a letter or "_"; at most 100.',
  })
  name!: string

  @Field(() => String, { nullable: true, description: 'At most 2,000 characters; default empty.' })
  description?: string | null

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'What a project is changed to; what is left out stays as it is.' })
export class UpdateProjectInput {
  @Field(() => ID, { description: 'Of the project.' })
  projectId!: string

  @Field(() => String, { nullable: true, description: 'Unique; as for createProject.' })
  name?: string | null

  @Field(() => String, { nullable: true, description: 'At most 2,000 characters.' })
  description?: string | null

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'Which project is to be read only.' })
export class ArchiveProjectInput {
  @Field(() => ID, { description: 'Of the project.' })
  projectId!: string

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'Who is to be a member no more.' })
export class RevokeProjectRoleInput {
  @Field(() => ID, { description: 'Of the project.' })
  projectId!: string

  @Field(() => ID, { description: 'Of the user. A project keeps at least one OWNER.' })
  userId!: string

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'A role for a user, instead of the one held before.' })
export class GrantProjectRoleInput {
  @Field(() => ID, { description: 'Of the project.' })
  projectId!: string

  @Field(() => ID, { description: 'Of the user.' })
  userId!: string

  @Field(() => ProjectRoleEnum, { description: 'A project keeps at least one OWNER.' })
  role!: ProjectRole

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@Access('public')
@ObjectType({ description: 'The project that was changed.', simpleResolvers: true })
export class ProjectPayload extends Payload {
  @Field(() => Project, { nullable: true, description: 'Null when it was refused.' })
  project!: Project | null
}
