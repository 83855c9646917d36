import fc from 'fast-check'
import { batchKeys } from '../../src/commands/batch-keys.js'

it('a key is the file’s name as far as a key may have it, and numbered where it comes again', () => {
  expect(
    batchKeys(['a/check.py', 'b/check.py', 'b/check.py', '1st.sh', 'check_py_2', 'ü ö.sh', '__proto__', 'x/']),
  ).toEqual(['check_py', 'check_py_2', 'check_py_3', '_1st_sh', 'check_py_2_2', '____sh', '_proto_', '_'])
})

it('whatever the paths, keys are valid and each is there once', () => {
  const path = fc.oneof(
    fc.string(),
    fc.constantFrom('a', 'a_2', 'a_3', 'b/a', `${'x'.repeat(200)}`, `${'x'.repeat(200)}y`),
  )
  fc.assert(
    fc.property(fc.array(path, { maxLength: 50 }), (paths) => {
      const keys = batchKeys(paths)
      expect(keys).toHaveLength(paths.length)
      expect(new Set(keys).size).toBe(paths.length)
      for (const key of keys) expect(key).toMatch(/^[A-Za-z_][A-Za-z0-9_-]{0,99}$/)
    }),
  )
})

it('10,000 of one name have a key each', () => {
  expect(new Set(batchKeys(Array.from({ length: 10_000 }, () => 'a.sh'))).size).toBe(10_000)
})

it('so have 10,000 of long names that begin alike', () => {
  const long = (at: number) => `${'x'.repeat(95)}${String(at).padStart(5, '0')}`
  const paths = Array.from({ length: 10_000 }, (_, at) => long(at >> 1))
  expect(new Set(batchKeys(paths)).size).toBe(10_000)
})
