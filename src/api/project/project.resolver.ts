import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql'
import { visibleProjectIds } from '../../access/viewer.js'
import { archiveProject, changeProject, revokeProjectRole } from '../../commands/change-project.js'
import { createProject } from '../../commands/create-project.js'
import { grantProjectRole } from '../../commands/grant-project-role.js'
import type { ProjectId, UserId } from '../../domain/ids.js'
import type { ProjectRole } from '../../domain/project/project.js'
import { countProjects, findProject, listProjects, type ProjectRow } from '../../projections/project/list-projects.js'
import { Access } from '../access-rule.js'
import { authorize } from '../authorize.js'
import type { Connection } from '../connection.js'
import { connectionFrom } from '../connection.js'
import type { Context } from '../context.js'
import { CursorCodec } from '../cursor.js'
import { type Changed, mutate } from '../mutate.js'
import { ForwardArgs, pageOf } from '../paging.js'
import { loadUser } from '../people/load-people.js'
import { User } from '../people/user.type.js'
import { type UserError, userError, userErrorsOf } from '../user-error.js'
import { loadMembers, loadProject } from './load-projects.js'
import {
  ArchiveProjectInput,
  CreateProjectInput,
  GrantProjectRoleInput,
  ProjectPayload,
  RevokeProjectRoleInput,
  UpdateProjectInput,
} from './project.input.js'
import { Project, ProjectConnection, ProjectMember, ProjectRoleEnum } from './project.type.js'

const CURSORS = new CursorCodec('projects', ['text'])

@Resolver(() => Project)
export class ProjectResolver {
  @Access('signedIn')
  @Query(() => Project, { nullable: true, description: 'The project of that name; null if invisible.' })
  project(@Arg('name', () => String) name: string, @Ctx() { services, viewer }: Context): Promise<Project | null> {
    return findProject(services.database, name, visibleProjectIds(viewer))
  }

  @Access('signedIn')
  @Query(() => ProjectConnection, { description: 'The projects that the viewer may see, by name.' })
  async projects(@Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: Context): Promise<Connection<Project>> {
    const { database } = context.services
    const visible = visibleProjectIds(context.viewer)
    const page = pageOf(args, CURSORS)
    const rows = await listProjects(database, visible, page)
    const totalCount = () => countProjects(database, visible)
    return connectionFrom<Project>({ rows, page, cursors: CURSORS, keyOf: ({ name }) => [name], totalCount })
  }

  @Access('signedIn')
  @FieldResolver(() => User, { nullable: true, description: 'Who made it; null for the platform itself.' })
  createdBy(@Root() { createdById }: Project, @Ctx() context: Context): Promise<User | null> | null {
    return createdById === null ? null : loadUser(createdById, context)
  }

  @Access('signedIn')
  @FieldResolver(() => [ProjectMember], { description: 'Who may work in it, oldest first; at most 1,000.' })
  members(@Root() { id }: Project, @Ctx() context: Context): Promise<ProjectMember[]> {
    return loadMembers(id, context)
  }

  @Access('signedIn')
  @FieldResolver(() => ProjectRoleEnum, { nullable: true, description: "The viewer's own; null if it is none." })
  viewerRole(@Root() { id }: Project, @Ctx() { viewer }: Context): ProjectRole | null {
    return viewer?.projectRoles.get(id as ProjectId) ?? null
  }

  @Access('action:createProject')
  @Mutation(() => ProjectPayload, { description: 'Makes a project, with the viewer as its OWNER.' })
  async createProject(
    @Arg('input', () => CreateProjectInput) input: CreateProjectInput,
    @Ctx() context: Context,
  ): Promise<ProjectPayload> {
    const { userId } = authorize(context, 'createProject')
    const body = createProject({ name: input.name, description: input.description ?? '', owner: userId })
    if ('rejections' in body) return refused(userErrorsOf(body))
    return payloadOf(context, await mutate(context, { mutation: 'createProject', input, ...body }))
  }

  @Access('action:manageProject')
  @Mutation(() => ProjectPayload, { description: 'Gives a project another name or description.' })
  async updateProject(
    @Arg('input', () => UpdateProjectInput) input: UpdateProjectInput,
    @Ctx() context: Context,
  ): Promise<ProjectPayload> {
    const { projectId, name = null, description = null } = input
    const project = await loadProject(projectId, context)
    if (project === null) return notThere(projectId)
    authorize(context, 'manageProject', projectId)
    const body = changeProject(project.id, { name, description })
    if ('rejections' in body) return refused(userErrorsOf(body))
    return payloadOf(context, await mutate(context, { mutation: 'updateProject', input, ...body }))
  }

  @Access('action:manageProject')
  @Mutation(() => ProjectPayload, {
    description: 'Makes a project read only for ever: no new runs, nothing is published. What runs goes on.',
  })
  async archiveProject(
    @Arg('input', () => ArchiveProjectInput) input: ArchiveProjectInput,
    @Ctx() context: Context,
  ): Promise<ProjectPayload> {
    const project = await loadProject(input.projectId, context)
    if (project === null) return notThere(input.projectId)
    authorize(context, 'manageProject', project.id)
    const body = archiveProject(project.id)
    return payloadOf(context, await mutate(context, { mutation: 'archiveProject', input, ...body }))
  }

  @Access('action:manageMembers')
  @Mutation(() => ProjectPayload, { description: 'Takes a member out of a project; null if the viewer was it.' })
  async revokeProjectRole(
    @Arg('input', () => RevokeProjectRoleInput) input: RevokeProjectRoleInput,
    @Ctx() context: Context,
  ): Promise<ProjectPayload> {
    const { projectId, userId } = input
    const project = await loadProject(projectId, context)
    if (project === null) return notThere(projectId)
    authorize(context, 'manageMembers', projectId)
    const isMember = (await loadMembers(projectId, context)).some((member) => member.userId === userId)
    if (!isMember) return refused([userError('NOT_FOUND', `User ${userId} is no member`, 'userId')])
    const body = revokeProjectRole(project.id, userId as UserId)
    return payloadOf(context, await mutate(context, { mutation: 'revokeProjectRole', input, ...body }))
  }

  @Access('action:manageMembers')
  @Mutation(() => ProjectPayload, { description: 'Gives a user a role in a project.' })
  async grantProjectRole(
    @Arg('input', () => GrantProjectRoleInput) input: GrantProjectRoleInput,
    @Ctx() context: Context,
  ): Promise<ProjectPayload> {
    const { projectId, userId, role } = input
    const project = await loadProject(projectId, context)
    if (project === null) return notThere(projectId)
    authorize(context, 'manageMembers', projectId)
    const user = await loadUser(userId, context)
    if (user === null) return refused([userError('NOT_FOUND', `User ${userId} is not there`, 'userId')])
    const body = grantProjectRole(project.id, userId as UserId, role)
    return payloadOf(context, await mutate(context, { mutation: 'grantProjectRole', input, ...body }))
  }
}

@Resolver(() => ProjectMember)
export class ProjectMemberResolver {
  @Access('signedIn')
  @FieldResolver(() => User, { description: 'Who it is.' })
  user(@Root() { userId }: ProjectMember, @Ctx() context: Context): Promise<User | null> {
    return loadUser(userId, context)
  }
}

function notThere(projectId: string): ProjectPayload {
  return refused([userError('NOT_FOUND', `Project ${projectId} is not there`, 'projectId')])
}

function refused(userErrors: UserError[]): ProjectPayload {
  return { project: null, userErrors, position: null }
}

async function payloadOf(context: Context, { streamId, userErrors, position }: Changed): Promise<ProjectPayload> {
  const project: ProjectRow | null = streamId === null ? null : await loadProject(streamId, context)
  return { project, userErrors, position }
}
