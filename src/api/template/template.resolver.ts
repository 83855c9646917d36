import { Arg, Args, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql'
import { preparePublishTemplate } from '../../commands/publish-template.js'
import { getTemplateVersions, TEMPLATE_LIST, type TemplateRow } from '../../projections/template/templates.js'
import { Access } from '../access-rule.js'
import { authorize } from '../authorize.js'
import type { Connection } from '../connection.js'
import type { Context } from '../context.js'
import { CursorCodec } from '../cursor.js'
import { type ListField, listAcross } from '../list-field.js'
import { loadBy } from '../load-by.js'
import { type Changed, mutate } from '../mutate.js'
import { ForwardArgs } from '../paging.js'
import { loadUser } from '../people/load-people.js'
import { User } from '../people/user.type.js'
import { answerBefore } from '../repeat.js'
import { userErrorsOf } from '../user-error.js'
import { findTemplate, loadTemplate } from './load-templates.js'
import { PublishTemplateInput, TemplatePayload } from './template.input.js'
import { Template, TemplateConnection } from './template.type.js'

const TEMPLATES: ListField<TemplateRow> = {
  list: TEMPLATE_LIST,
  cursors: new CursorCodec('templates', ['text']),
  keyOf: ({ name }) => [name],
}
/** As `cost.ts` counts them. */
const MAX_VERSIONS = 100

@Resolver(() => Template)
export class TemplateResolver {
  @Access('action:readTemplates')
  @Query(() => Template, { nullable: true, description: 'The template of that name, in that version or its latest.' })
  template(
    @Arg('name', () => String) name: string,
    @Arg('version', () => Int, { nullable: true, description: 'Default: the latest.' }) version: number | null,
    @Ctx() context: Context,
  ): Promise<TemplateRow | null> {
    return findTemplate(name, version ?? null, context)
  }

  @Access('action:readTemplates')
  @Query(() => TemplateConnection, { description: 'All templates in their latest versions, by name.' })
  templates(@Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: Context): Promise<Connection<TemplateRow>> {
    return listAcross(context, TEMPLATES, args, null)
  }

  @Access('action:manageTemplates')
  @Mutation(() => TemplatePayload, {
    description: 'Publishes a version of a template; the first one makes it. Unchanged content makes none.',
  })
  async publishTemplate(
    @Arg('input', () => PublishTemplateInput) input: PublishTemplateInput,
    @Ctx() context: Context,
  ): Promise<TemplatePayload> {
    authorize(context, 'manageTemplates')
    const before = await answerBefore(context, 'publishTemplate', input)
    return before === null ? publish(context, input, TRIES) : payloadOf(context, before)
  }

  @FieldResolver(() => [Template], { description: 'All versions, newest first; at most the newest 100.' })
  async versions(@Root() { name }: TemplateRow, @Ctx() context: Context): Promise<TemplateRow[]> {
    const { pool } = context.services.database
    return (
      (await loadBy(context, 'template.versions', name, (names) => getTemplateVersions(pool, names, MAX_VERSIONS))) ??
      []
    )
  }

  @FieldResolver(() => User, { nullable: true, description: 'Who published it; null for the platform itself.' })
  createdBy(@Root() { createdById }: TemplateRow, @Ctx() context: Context) {
    return createdById === null ? null : loadUser(createdById, context)
  }

  @FieldResolver(() => Date, { description: 'As createdAt: a version never changes.' })
  updatedAt(@Root() { createdAt }: TemplateRow): Date {
    return createdAt
  }
}

/** Others publish versions of the name at this moment: each time one of them comes through. */
const TRIES = 20

async function publish(context: Context, input: PublishTemplateInput, tries: number): Promise<TemplatePayload> {
  const { name, engine, taskType = null, description = null, definition, parametersSchema } = input
  const request = { name, engine, taskType, description, definition, parametersSchema }
  const prepared = await preparePublishTemplate(context.services.database.pool, request)
  if ('rejections' in prepared) return { template: null, userErrors: userErrorsOf(prepared), position: null }
  const changed = await mutate(context, { mutation: 'publishTemplate', input, ...prepared })
  const isRace = changed.userErrors.some(({ code }) => code === 'TAKEN')
  return isRace && tries > 1 ? publish(context, input, tries - 1) : payloadOf(context, changed)
}

async function payloadOf(context: Context, { streamId, userErrors, position }: Changed): Promise<TemplatePayload> {
  const template = streamId === null ? null : await loadTemplate(streamId, context)
  return { template: template as TemplatePayload['template'], userErrors, position }
}
