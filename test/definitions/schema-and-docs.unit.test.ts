import { execFileSync } from 'node:child_process'
import { dagSchema } from '../../src/definitions/dag-schema.js'
import { SINGLE_TASK_KEYS } from '../../src/definitions/single-task.js'
import { sourceChecksum } from '../../src/definitions/source-checksum.js'
import { TRIGGER_RULES } from '../../src/domain/dag/definition.js'
import { DURATION_PATTERN, MEMORY_PATTERN } from '../../src/domain/dag/units.js'

// biome-ignore lint/suspicious/noExplicitAny: a schema is walked by names that the test is about
const schema = dagSchema() as any

describe('the published schema', () => {
  it('has the forms of units and the rules that the code has', () => {
    expect(schema.$defs.duration.pattern).toBe(DURATION_PATTERN)
    expect(schema.$defs.memory.pattern).toBe(MEMORY_PATTERN)
    expect(schema.$defs.task.properties.when.enum).toEqual([...TRIGGER_RULES])
  })

  it('has the keys of a single task at its top', () => {
    const keys = Object.entries(schema.properties as Record<string, { $ref?: string }>)
      .filter(([, { $ref }]) => $ref?.startsWith('#/$defs/task/properties/'))
      .map(([key]) => key)
    expect(new Set(keys)).toEqual(new Set(SINGLE_TASK_KEYS))
  })

  it('is what docs/dag-file.md was made from', () => {
    expect(() => execFileSync(process.execPath, ['scripts/emit-dag-docs.mjs', '--check'])).not.toThrow()
  })
})

it('the checksum is that of the exact text', () => {
  expect(sourceChecksum('name: ü\n')).toBe('28cf026ebcbf17f49c612bd0061383821b4cac0461bdd8286b1398bab2c1b830')
})
