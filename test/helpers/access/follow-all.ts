import { Line } from '../socket-line.js'
import { isOf, type Matrix, wrongFor } from './matrix.js'
import { fieldsOfRoot, type Operation, readingsOf } from './operations.js'
import { type Caller, sees, type Verdict, verdictFor, verdictOf } from './rights.js'
import type { Scene } from './scene.js'

/** One way to follow a subscription, what the caller may, and what has come of it so far. */
interface Followed extends Operation {
  readonly name: string
  readonly scene: Scene
  readonly isOfProjects: boolean
  readonly wanted: Verdict
  /** Whether something must come: of the scene, where it is of projects. */
  readonly isShown: boolean
  readonly answers: object[]
  readonly codes: Verdict[]
}

function followedBy(m: Matrix, caller: Caller): Followed[] {
  return fieldsOfRoot(m.schema, 'Subscription').flatMap((field) => {
    const { name } = field
    const isOfProjects = m.isOfProjects(`Subscription.${name}`)
    const wanted = verdictFor(m.needOf(`Subscription.${name}`), caller)
    return m.scenesFor(caller).flatMap((scene) => {
      const isShown = wanted === 'allowed' && (!isOfProjects || sees(caller, scene))
      const of = () => ({ name, scene, isOfProjects, wanted, isShown, answers: [], codes: [] })
      return readingsOf('subscription', field, scene).map((way) => ({ ...way, ...of() }))
    })
  })
}

function isAnswered({ scene, isOfProjects, wanted, isShown, answers, codes }: Followed): boolean {
  if (wanted !== 'allowed') return codes.length > 0
  return !isShown || (isOfProjects ? isOf(scene, answers) : answers.length > 0)
}

const MAX_BEATS = 60

/** Follows all of them from the first position on: until everything has come that must, and for two beats more. */
async function followAll(url: string, token: string, followed: readonly Followed[]): Promise<void> {
  const line = await Line.signedIn(url, token)
  for (const [id, { query, variables }] of followed.entries())
    line.send({ type: 'subscribe', id: String(id), payload: { query, variables } })
  line.send({ type: 'subscribe', id: 'beat', payload: { query: 'subscription { headMoved }' } })
  for (let [beats, after] = [0, 0]; beats < MAX_BEATS && after < 2; ) {
    const { id, type, payload } = await line.next()
    const one = followed[Number(id)]
    const errors = type === 'error' ? payload : (payload?.errors ?? [])
    one?.codes.push(...errors.map((error: object) => verdictOf([error], null)))
    if (type === 'next') one?.answers.push(payload)
    // Who may not read is refused the beat, too: the last of all.
    if (id !== 'beat') continue
    beats += type === 'next' ? 1 : MAX_BEATS
    if (followed.every(isAnswered)) after += 1
  }
  await line.close()
}

/**
 * What callers find wrong who follow each subscription in every way that leads to their own project and to another. Who is
 * not signed in has no line to ask on.
 */
export function wrongSubscriptions(m: Matrix, callers = m.callers): Promise<string[]> {
  return wrongFor(callers, async (caller) => {
    if (caller.token === null) return []
    const followed = followedBy(m, caller)
    await followAll(m.url, caller.token, followed)
    return followed.flatMap((one) => {
      const leaked = m.leaks(one.answers, caller)
      // What is not theirs is said not to be there, or nothing of it comes.
      const expected = one.wanted === 'allowed' && !one.isShown ? 'hidden' : one.wanted
      if (isAnswered(one) && one.codes.every((code) => code === expected) && leaked.length === 0) return []
      const found = leaked.length > 0 ? `shows ${leaked[0]}` : (one.codes[0] ?? 'shows nothing')
      return [`${one.name}(${one.by ?? ''}) by ${caller.name} in ${one.scene.name}: ${found}, not ${expected}`]
    })
  })
}
