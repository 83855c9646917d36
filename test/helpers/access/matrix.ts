import type { GraphQLSchema } from 'graphql'
import { fieldsOf } from '../../../src/api/access-walk.js'
import { buildApiSchema } from '../../../src/api/schema.js'
import type { Answer } from '../api.js'
import { type Flow, openFlow } from '../flow.js'
import { callersOf, personOf, tokenFor } from './callers.js'
import type { Operation } from './operations.js'
import { type Caller, needOf, sees, seesCredentials } from './rights.js'
import { platformOf, type Scene, sceneOf } from './scene.js'

/** An API with two scenes, and everyone who asks. */
export class Matrix {
  private constructor(
    readonly f: Flow,
    readonly url: string,
    readonly schema: GraphQLSchema,
    readonly rules: ReadonlyMap<string, string | undefined>,
    /** Where callers have roles, and where none has. */
    readonly own: Scene,
    readonly other: Scene,
    readonly callers: readonly Caller[],
  ) {}

  static async open(): Promise<Matrix> {
    const f = await openFlow()
    const url = `${(await f.api.listen('127.0.0.1', 0)).replace('http', 'ws')}/graphql`
    const schema = await buildApiSchema()
    const rules = new Map(fieldsOf(schema).map(({ name, rule }) => [name, rule]))
    const platform = await platformOf(f)
    const [owner, another] = [await personOf(f, 'owner'), await personOf(f, 'another')]
    for (const { token } of [owner, another]) await tokenFor(f, token, ['read'])
    const own = await sceneOf(f, platform, 'own', owner)
    const other = await sceneOf(f, platform, 'other', another)
    const callers = await callersOf(f, owner, own.name, own.ids.Project as string)
    return new Matrix(f, url, schema, rules, own, other, callers)
  }

  by(...names: string[]): Caller[] {
    return this.callers.filter(({ name }) => names.includes(name))
  }

  /** What a field, `Query.runs`, takes. */
  needOf(field: string): ReturnType<typeof needOf> {
    return needOf(this.rules.get(field))
  }

  /** Of projects; all others are of the platform, and answer whoever may ask. */
  isOfProjects(field: string): boolean {
    return /^action:read(Project|Slas)$/.test(this.rules.get(field) ?? '') || /^Query\.(projects?|nodes?)$/.test(field)
  }

  /** To who has no role in either they are the same. */
  scenesFor({ role }: Caller): readonly Scene[] {
    return role === null ? [this.other] : [this.own, this.other]
  }

  ask({ query, variables }: Pick<Operation, 'query' | 'variables'>, { token }: Caller): Promise<Answer> {
    return this.f.ask(query, { variables, ...(token === null ? {} : { token }) })
  }

  /** What was answered of scenes that the caller does not see. */
  leaks(answer: unknown, caller: Caller): string[] {
    const texts = textsIn(answer)
    return [this.own, this.other].flatMap((scene) => [
      ...(sees(caller, scene) ? [] : texts.filter((text) => scene.things.has(text))),
      ...(seesCredentials(caller, scene) ? [] : texts.filter((text) => scene.credentials.has(text))),
    ])
  }
}

/** What every caller finds wrong, all asking at once. */
export async function wrongFor(
  callers: readonly Caller[],
  wrongOf: (caller: Caller) => Promise<string[]>,
): Promise<string[]> {
  return (await Promise.all(callers.map(wrongOf))).flat()
}

/** Whether the answer tells of the scene's project. */
export function isOf({ things }: Scene, answer: unknown): boolean {
  return textsIn(answer).some((text) => things.has(text))
}

/** Every text in an answer, however deep. */
function textsIn(answer: unknown): string[] {
  if (typeof answer === 'string') return [answer]
  if (typeof answer !== 'object' || answer === null) return []
  return Object.values(answer).flatMap(textsIn)
}

/** Whether the answer has something: an object, or a page that is not empty. */
// biome-ignore lint/suspicious/noExplicitAny: whatever was answered
export function hasRows(answer: any): boolean {
  return answer !== null && answer !== undefined && (answer.totalCount === undefined || answer.nodes.length > 0)
}
