import { getNamedType } from 'graphql'
import { Scene } from '../dispatcher/scene.js'
import { type Flow, openFlow } from '../helpers/flow.js'
import { until } from '../helpers/until.js'
import type { WiringOptions } from '../helpers/wiring.js'
import { Answers } from './answers.js'
import { schema } from './words.js'

// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever they asked for
type Told = any

/** The API, a server that dispatches to this host, and all that the API has told so far. */
export interface Stage extends Flow {
  readonly scene: Scene
  readonly answers: Answers
  /** Makes a change, which may not be refused; answers these fields of the noun that it changed. */
  done(mutation: string, input: object, noun: string, fields?: string, token?: string): Promise<Told>
  /** These fields of the one with that id, once they are so. */
  when(noun: string, id: string, fields: string, isSo?: (told: Told) => boolean): Promise<Told>
}

export async function openStage(options: (scene: Scene) => Partial<WiringOptions> = () => ({})): Promise<Stage> {
  const answers = new Answers(schema)
  const scene = await Scene.open()
  const server = await scene.server(options(scene))
  const flow = await openFlow({
    beside: scene,
    onAnswer: (query, variables, { data, errors }) => {
      if (errors.length === 0) answers.add(query, variables, data)
    },
  })
  server.dispatch()
  return {
    ...flow,
    scene,
    answers,
    async done(mutation, input, noun, fields = 'id', token) {
      const type = schema.getMutationType()?.getFields()[mutation]?.args[0]?.type
      const payload = await flow.change(
        mutation,
        `${type && getNamedType(type)}`,
        input,
        `${noun} { ${fields} }`,
        token,
      )
      if (!payload[noun]) throw new Error(`${mutation}: ${JSON.stringify(payload)}`)
      return payload[noun]
    },
    when(noun, id, fields, isSo = () => true) {
      const query = `query ($id: ID!) { ${noun}(id: $id) { ${fields} } }`
      return until(`${noun} ${id} to be as awaited`, async () => {
        const told = (await flow.get(query, { id }))[noun]
        return isSo(told) ? told : null
      })
    },
    async close() {
      await flow.close()
      await scene.close()
    },
  }
}

/** Shell text that ends once the file is in its directory, or that is gone. */
export const untilThere = (file: string) => `while [ -d "$PWD" ] && [ ! -e ${file} ]; do sleep 0.05; done`

/** Expects that all of these times are told, none before the one in front of it. */
export function expectInOrder(...times: string[]): void {
  expect(times).toEqual(times.map(() => expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)))
  expect([...times].sort()).toEqual(times)
}
