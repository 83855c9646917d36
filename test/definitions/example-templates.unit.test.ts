import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { checkTask } from '../../src/definitions/check-task.js'
import { checkParametersSchema } from '../../src/definitions/compile-parameters.js'

const FOLDER = 'examples/templates'

it.each(readdirSync(FOLDER))('the example %s is a template that can be published', async (file) => {
  const { definition, parametersSchema, engine } = parse(readFileSync(`${FOLDER}/${file}`, 'utf8'))
  expect(await checkTask(definition, 'definition', ['name', 'template', 'with'], 20_000)).toMatchObject({
    name: 'task',
  })
  expect(checkParametersSchema(parametersSchema)).toEqual([])
  expect(engine).toBe('shell')
})
