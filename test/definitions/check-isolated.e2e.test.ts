import { checkDefinitionIsolated } from '../../src/definitions/check-isolated.js'

const PATIENCE_MS = 60_000

const tasks = (count: number) =>
  Array.from(
    { length: count },
    (_, n) => `  t${n}: { run: echo ${'x'.repeat(200)}, needs: [${n > 0 ? `t${n - 1}` : ''}] }\n`,
  )
const source = `name: x\ntasks:\n${tasks(1_000).join('')}`

describe('a big source', () => {
  it(
    'is checked in a worker while the event loop goes on',
    async () => {
      let beats = 0
      const timer = setInterval(() => beats++, 5)
      const report = await checkDefinitionIsolated(source, 60_000)
      clearInterval(timer)
      expect(Object.keys(report.definition?.tasks ?? {})).toHaveLength(1_000)
      expect(beats).toBeGreaterThan(5)
    },
    PATIENCE_MS,
  )

  it(
    'has its problems reported from there',
    async () => {
      const { problems } = await checkDefinitionIsolated(`${source}  t0: { noop: {} }\n`, 60_000)
      expect(problems).toEqual([
        expect.objectContaining({ line: 1_003, column: 3, message: 'tasks.t0 is given twice in one mapping' }),
      ])
    },
    PATIENCE_MS,
  )

  it(
    'is refused when its time is over',
    async () => {
      expect(await checkDefinitionIsolated(source, 1)).toEqual({
        definition: null,
        problems: [
          {
            code: 'TOO_LARGE',
            message: 'The file takes longer than 1 ms to check',
            path: [],
            line: null,
            column: null,
          },
        ],
      })
    },
    PATIENCE_MS,
  )

  it(
    'waits its turn behind two others',
    async () => {
      const reports = await Promise.all([1, 2, 3, 4].map(() => checkDefinitionIsolated(source, PATIENCE_MS)))
      expect(reports.map(({ problems }) => problems)).toEqual([[], [], [], []])
    },
    PATIENCE_MS,
  )
})

it('a small source is checked at once', async () => {
  expect((await checkDefinitionIsolated('name: x\nrun: y', 1)).problems).toEqual([])
})
