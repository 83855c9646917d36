import { parameterVariable } from '../domain/dag/parameter-variable.js'

/** Names of parameters, as of tasks. */
export const PARAMETER_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,99}$/

/** What is wrong with parameters' names, by name: those that are none, and those that would share a variable. */
export function parameterNameProblems(names: Iterable<string>): { name: string; rule: string }[] {
  const taken = new Map<string, string>()
  const problems: { name: string; rule: string }[] = []
  for (const name of names) {
    const variable = parameterVariable(name)
    const other = taken.get(variable)
    if (!PARAMETER_NAME.test(name)) {
      problems.push({
        name,
        rule: 'must start with a letter or _ and go on with letters, digits, _ and -, at most 100',
      })
    } else if (other !== undefined) {
      problems.push({ name, rule: `must not share the variable ${variable} with ${other}` })
    } else taken.set(variable, name)
  }
  return problems
}
