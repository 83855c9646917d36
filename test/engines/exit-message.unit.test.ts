import { exitMessage } from '../../src/engines/exit-message.js'
import type { AttemptExit } from '../../src/machines/machine.js'

function message(exit: Partial<AttemptExit>): string | null {
  const plain = { pid: 1, exitCode: 0, cause: 'EXITED', stdoutBytes: 0, stderrBytes: 0, cpuSeconds: 0 } as const
  return exitMessage({ ...plain, durationMs: 1, wasOutOfMemory: null, escaped: [], ...exit }, 2_500)
}

it('says nothing of a success', () => {
  expect(message({})).toBeNull()
})

it.each([
  [true, 'Ended by SIGKILL: its host was out of memory'],
  [false, 'Ended by SIGKILL'],
  [null, 'Ended by SIGKILL, perhaps as its host was out of memory'],
])('names SIGKILL, and what its host knows of it (%s)', (wasOutOfMemory, text) => {
  expect(message({ exitCode: 137, wasOutOfMemory })).toBe(text)
})

it.each([
  [{ exitCode: 3 }, 'Exited with code 3'],
  [{ exitCode: 139 }, 'Ended by SIGSEGV'],
  [{ exitCode: 143, cause: 'TIMED_OUT' }, 'Took longer than its timeout of 2.5 s'],
  [{ exitCode: 137, cause: 'STOPPED' }, 'Stopped'],
  [{ escaped: ['9 sleep'] }, 'Succeeded; processes that outlived it were ended: 9 sleep'],
] as const)('%j: %s', (exit, text) => {
  expect(message(exit)).toBe(text)
})
