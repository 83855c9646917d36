import type { Answer } from '../api.js'
import { hasRows, isOf, type Matrix, wrongFor } from './matrix.js'
import { fieldsOfRoot, PAGE, readingsOf } from './operations.js'
import { type Caller, sees, verdictOf, verdictShown } from './rights.js'
import type { Scene } from './scene.js'

/**
 * What callers find wrong who ask each query in every way that leads to their own project and to another: rows of the one
 * must come, of the other none may, and counts are of what is shown.
 */
export function wrongQueries(m: Matrix, callers = m.callers): Promise<string[]> {
  return wrongFor(callers, async (caller) => {
    const wrong: string[] = []
    for (const field of fieldsOfRoot(m.schema, 'Query')) {
      for (const scene of m.scenesFor(caller)) {
        for (const operation of readingsOf('query', field, scene)) {
          const complaint = complaintOf(m, field.name, await m.ask(operation, caller), caller, scene)
          if (complaint !== null)
            wrong.push(`${field.name}(${operation.by ?? ''}) by ${caller.name} in ${scene.name}: ${complaint}`)
        }
      }
    }
    return wrong
  })
}

function complaintOf(m: Matrix, field: string, { data, errors }: Answer, caller: Caller, scene: Scene): string | null {
  const name = `Query.${field}`
  const answer = data?.[field]
  const found = verdictOf(errors, answer)
  const need = m.needOf(name)
  const wanted = verdictShown(need, caller)
  if (found !== wanted) return `${found}, not ${wanted}`
  // Whoever may read the audit log is shown all of it.
  if (wanted !== 'allowed' || need?.scope === 'audit') return null
  const leaked = m.leaks(answer, caller)
  if (leaked.length > 0) return `shows ${leaked[0]}`
  const { totalCount, nodes } = answer ?? {}
  if (totalCount !== undefined && nodes.length < PAGE && totalCount !== nodes.length)
    return `counts ${totalCount}, shows ${nodes.length}`
  if (!m.isOfProjects(name)) return hasRows(answer) ? null : 'shows nothing'
  return sees(caller, scene) === isOf(scene, answer) ? null : 'shows nothing of it'
}
