import { buildApiSchema, printApiSchema } from '../../src/api/schema.js'

test('the schema is built', async () => {
  expect(printApiSchema(await buildApiSchema())).toContain('type Server ')
})
