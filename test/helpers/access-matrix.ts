import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
} from 'graphql'
import { type Action, type Need, POLICY } from '../../src/access/policy.js'
import { PROJECT_ROLES, type ProjectRole } from '../../src/domain/project/project.js'
import type { TestApi } from './api.js'

/** A project with something of everything in it. */
export interface Scene {
  readonly projectId: string
  readonly projectName: string
  readonly dagId: string
  readonly runId: string
  readonly instanceId: string
  /** A user who is a member of nothing. */
  readonly strangerId: string
  /** Whatever of the project has an id of its own, by type. */
  readonly nodes: Readonly<Record<string, string>>
}

/** Who asks. */
export interface Caller {
  readonly name: string
  readonly token: string | undefined
  /** In the project of their own. */
  readonly role: ProjectRole | null
  readonly permission: string | null
  readonly isAdmin: boolean
}

const SLA_CONDITIONS = '{all: [{fact: "runDurationSeconds", operator: "greaterThan", value: 3600}]}'
const SOURCE = 'name: matrix\ntasks: { t: { noop: {} } }'

/** Makes the project, with that token. */
export async function sceneOf(it_: TestApi, name: string, token: string, strangerId: string): Promise<Scene> {
  const ask = async (query: string) => (await it_.ask(query, { token })).data
  const projectId = (await ask(`mutation { createProject(input: {name: "${name}"}) { project { id } } }`)).createProject
    .project.id
  const publish = `publishDag(input: {projectId: "${projectId}", source: ${JSON.stringify(SOURCE)}}) { dag { id } }`
  const dagId = (await ask(`mutation { ${publish} }`)).publishDag.dag.id
  await ask(`mutation { setSecret(input: {projectId: "${projectId}", name: "s", value: "v"}) { position } }`)
  const trigger = `triggerRun(input: {dagId: "${dagId}"}) { run { id dagVersion { id tasks { nodes { id } } } instances { nodes { id } } } }`
  const { run } = (await ask(`mutation { ${trigger} }`)).triggerRun
  const sla = `createSla(input: {projectId: "${projectId}", name: "${name}", conditions: ${SLA_CONDITIONS}, actions: []}) { sla { id } userErrors { message } }`
  const made = (await ask(`mutation { ${sla} }`)).createSla
  if (made.sla === null) throw new Error(JSON.stringify(made.userErrors))
  const { events } = await ask(`{ events(first: 1, filter: {runId: "${run.id}"}) { nodes { id } } }`)
  const [instanceId, taskId] = [run.instances.nodes[0].id, run.dagVersion.tasks.nodes[0].id]
  const nodes = {
    ...{ Project: projectId, Dag: dagId, DagVersion: run.dagVersion.id, Task: taskId, Run: run.id },
    ...{ Instance: instanceId, Event: events.nodes[0].id, Sla: made.sla.id },
  }
  return { projectId, projectName: name, dagId, runId: run.id, instanceId, strangerId, nodes }
}

export type Verdict = 'allowed' | 'hidden' | 'FORBIDDEN' | 'UNAUTHENTICATED'

/** What the rule says of the caller; a role in a project counts where the caller sees the project at all. */
export function expected(rule: string, caller: Caller, isOwn: boolean, concernsProject: boolean): Verdict {
  if (rule === 'public') return 'allowed'
  if (caller.token === undefined) return 'UNAUTHENTICATED'
  const need: Need = rule.startsWith('action:')
    ? POLICY[rule.slice('action:'.length) as Action]
    : { kind: 'SIGNED_IN', scope: 'read' }
  const isMember = caller.isAdmin || (isOwn && caller.role !== null)
  if (need.kind === 'PERMISSION' && !caller.isAdmin && caller.permission !== need.permission) return 'FORBIDDEN'
  if (need.kind === 'ADMIN' && !caller.isAdmin) return 'FORBIDDEN'
  if (!concernsProject) return 'allowed'
  if (!isMember) return 'hidden'
  if (need.kind !== 'PROJECT_ROLE' || caller.isAdmin) return 'allowed'
  return PROJECT_ROLES.indexOf(caller.role as ProjectRole) >= PROJECT_ROLES.indexOf(need.role) ? 'allowed' : 'FORBIDDEN'
}

/** Arguments that lead to the scene, by their names; what is left is filled with something of its type. */
function argumentFor(name: string, type: string, scene: Scene, schema: GraphQLSchema): unknown {
  const known: Record<string, unknown> = {
    projectId: scene.projectId,
    dagId: scene.dagId,
    runId: scene.runId,
    instanceId: scene.instanceId,
    userId: scene.strangerId,
    name: scene.projectName,
    project: scene.projectName,
    // It is looked at when everything else has been allowed, and refused: nothing is done by asking.
    idempotencyKey: '',
    source: SOURCE,
  }
  if (name in known) return known[name]
  if (name === 'project' || !type.endsWith('!')) return undefined
  if (type.startsWith('[')) return []
  const plain: Record<string, unknown> = {
    'ID!': 'thing_00000000000000000000000000',
    'String!': 'x',
    'Int!': 1,
    'Boolean!': true,
    'Float!': 1,
    'DateTime!': '2999-01-01T00:00:00Z',
    'Position!': '1',
    'JSONObject!': {},
    'JSON!': {},
  }
  if (type in plain) return plain[type]
  const named = schema.getType(type.replace(/[![\]]/g, '')) as { getValues?: () => { name: string }[] } | undefined
  return named?.getValues?.()[0]?.name
}

/** One operation for a root field, with the scene's ids wherever an argument or an input takes one. */
export function operationOf(kind: string, field: GraphQLField<unknown, unknown>, scene: Scene, schema: GraphQLSchema) {
  const variables: Record<string, unknown> = {}
  let concerns = false
  const fill = (name: string, type: string): unknown => {
    if (/^(projectId|dagId|runId|instanceId)$/.test(name)) concerns = true
    return argumentFor(name, type, scene, schema)
  }
  for (const arg of field.args) {
    const input = getNamedType(arg.type) as unknown as {
      getFields?: () => Record<string, { name: string; type: unknown }>
    }
    if (arg.name === 'input' && input.getFields !== undefined) {
      const entries = Object.values(input.getFields()).map(({ name, type }) => [name, fill(name, String(type))])
      variables.input = Object.fromEntries(entries.filter(([, value]) => value !== undefined))
    } else {
      const value = fill(arg.name, String(arg.type))
      if (value !== undefined && (String(arg.type).endsWith('!') || /^(projectId|dagId|runId)$/.test(arg.name)))
        variables[arg.name] = value
    }
  }
  const declared = field.args.filter(({ name }) => name in variables)
  const heads = declared.map(({ name, type }) => `$${name}: ${type}`).join(', ')
  const passed = declared.map(({ name }) => `${name}: $${name}`).join(', ')
  const payload = getNamedType(field.type)
  const below = isLeafType(payload)
    ? ''
    : isObjectType(payload) && 'userErrors' in payload.getFields()
      ? '{ userErrors { code path } }'
      : '{ __typename }'
  const query = `${kind} ${heads ? `(${heads})` : ''} { ${field.name} ${passed ? `(${passed})` : ''} ${below} }`
  return { query, variables, concerns }
}

/** Inputs that lead to a project; what else is not there hides none. */
const OF_PROJECTS = /^(projectId|dagId|runId|instanceId)$/

// biome-ignore lint/suspicious/noExplicitAny: whatever was answered
export function verdictOf(errors: readonly any[], data: any): Verdict {
  const codes = errors.map(({ extensions }) => extensions?.code)
  if (codes.includes('UNAUTHENTICATED')) return 'UNAUTHENTICATED'
  if (codes.includes('FORBIDDEN')) return 'FORBIDDEN'
  if (codes.includes('NOT_FOUND')) return 'hidden'
  const userErrors = data?.userErrors as { code: string; path: string[] }[] | undefined
  const isHidden = userErrors?.some(({ code, path }) => code === 'NOT_FOUND' && OF_PROJECTS.test(path[0] ?? ''))
  return isHidden ? 'hidden' : 'allowed'
}

/** Everything of a type that needs no arguments: leaves, and of objects their name. */
export function everythingOf(type: GraphQLObjectType): string {
  const fields = Object.values(type.getFields()).filter(({ args }) =>
    args.every((arg) => !String(arg.type).endsWith('!')),
  )
  return fields
    .map(({ name, type: below }) => (isLeafType(getNamedType(below)) ? name : `${name} { __typename }`))
    .join(' ')
}
