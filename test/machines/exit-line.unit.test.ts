import { parseExitLine } from '../../src/machines/exit-line.js'

describe('the line of an end', () => {
  it('tells pid, code, cause, duration, cpu and who escaped', () => {
    expect(parseExitLine('4711 143 TIMED_OUT 123 1m2.500000s 0m0.020000s - 9:sh,8:sleep:lives,9:sh, .')).toEqual({
      pid: 4711,
      exitCode: 143,
      cause: 'TIMED_OUT',
      durationMs: 1230,
      cpuSeconds: 62.52,
      wasOutOfMemory: null,
      escaped: ['9 sh', '8 sleep (would not end)'],
    })
  })

  it.each([
    [' yes -', true],
    [' no -', false],
    [' - -', null],
    // Of a runner that did not count yet.
    [' -', null],
    [' 9:sh,', null],
  ])('ending in%s says whether its host was out of memory', (end, wasOutOfMemory) => {
    expect(parseExitLine(`4711 137 EXITED 1 0m0s 0m0s${end} .`)).toMatchObject({ exitCode: 137, wasOutOfMemory })
  })

  it.each(['', '4711 0 EXITED 1 0m0s 0m0s -', '4711 0 EXITED .', '4711 0 OTHER 1 0m0s 0m0s - .'])(
    'is refused torn: %j',
    (line) => {
      expect(parseExitLine(line)).toBeNull()
    },
  )
})
