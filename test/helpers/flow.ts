import { ensureCapacity } from '../../src/commands/ensure-capacity.js'
import { type Answer, openTestApi, type TestApi, type TestApiOptions } from './api.js'

/** The API with pool, queue and machine, an administrator, and short words for what most tests do first. */
export interface Flow extends TestApi {
  readonly admin: string
  /** As the administrator, unless a token is given; throws on GraphQL errors. Answers `data`. */
  get(query: string, variables?: object, token?: string): Promise<Answer['data']>
  /** Throws on GraphQL errors; answers the only payload. */
  change(mutation: string, type: string, input: object, selection: string, token?: string): Promise<Answer['data']>
  project(name: string): Promise<string>
  /** Answers the DAG's id; throws when it is refused. */
  publish(projectId: string, source: string): Promise<string>
  /** Answers the run's id; throws when it is refused. */
  trigger(dagId: string, more?: object): Promise<string>
}

export async function openFlow(options: TestApiOptions = {}): Promise<Flow> {
  const t = await openTestApi(options)
  await ensureCapacity(t.services.database, t.services.bus, 'host of the tests')
  const admin = await t.tokenOf('admin')
  const get: Flow['get'] = async (query, variables = {}, token = admin) => {
    const { data, errors } = await t.ask(query, { variables, token })
    if (errors.length > 0) throw new Error(`${query}: ${JSON.stringify(errors)}`)
    return data
  }
  const change: Flow['change'] = async (mutation, type, input, selection, token) => {
    const query = `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${selection} userErrors { message code path } position } }`
    return (await get(query, { input }, token))[mutation]
  }
  const done = async (payload: Answer['data'], noun: string): Promise<string> => {
    if (!payload[noun]) throw new Error(JSON.stringify(payload))
    return payload[noun].id
  }
  return {
    ...t,
    admin,
    get,
    change,
    project: async (name) =>
      done(await change('createProject', 'CreateProjectInput', { name }, 'project { id }'), 'project'),
    publish: async (projectId, source) =>
      done(
        await change('publishDag', 'PublishDagInput', { projectId, source }, 'dag { id } problems { message }'),
        'dag',
      ),
    trigger: async (dagId, more = {}) =>
      done(await change('triggerRun', 'TriggerRunInput', { dagId, ...more }, 'run { id }'), 'run'),
  }
}
