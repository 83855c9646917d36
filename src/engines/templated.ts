import type { JsonObject } from '../domain/json.js'
import type { ConditionScope } from '../domain/run/commands.js'
import { type Assignment, type Control, type Engine, type EngineResult, failedWith } from './engine.js'
import { parameterEnvironment } from './parameter-environment.js'

/** Gives a template's inputs their values; throws an error whose message says all that is wrong with them. */
export type ResolveInputs = (inputs: JsonObject, schema: JsonObject, scope: ConditionScope) => JsonObject

/**
 * Any engine, for tasks that may come from templates: the template's inputs join the run's parameters, and hide those of
 * the same name, for a template is written without knowing the DAGs that use it.
 */
export class TemplatedEngine implements Engine {
  constructor(
    private readonly engine: Engine,
    private readonly resolve: ResolveInputs,
  ) {}

  async execute(assignment: Assignment, control: Control): Promise<EngineResult> {
    const { inputs, isStarted, scope } = assignment
    // What has begun has its values, whether they can be found again or not.
    if (inputs === null || isStarted) return this.engine.execute(assignment, control)
    let values: JsonObject
    try {
      values = this.resolve(inputs.values, inputs.schema, scope)
    } catch (error) {
      return failedWith('ERRORED', (error as Error).message)
    }
    const environment = { ...assignment.environment, ...parameterEnvironment(values) }
    const parameters = { ...scope.parameters, ...values }
    return this.engine.execute({ ...assignment, environment, scope: { ...scope, parameters } }, control)
  }
}
