import { execFileSync } from 'node:child_process'
import { type FileHandle, open, rm } from 'node:fs/promises'

/** Waits at the gate, in a shell. It costs nothing, where a loop of short sleeps starts a process for each of them. */
export function atGate(file: string): string {
  return `while [ -e "${file}" ]; do { read -r _ < "${file}"; } 2> /dev/null; done`
}

/**
 * A gate that scripts of all users wait at: a FIFO that this process holds open, so that whoever reads it waits. It is
 * removed before it is let go: who waits there reads its end, and who comes later finds nothing.
 */
export class Gate {
  private constructor(
    readonly file: string,
    private readonly handle: FileHandle,
  ) {}

  static async close(file: string): Promise<Gate> {
    execFileSync('mkfifo', ['-m', '666', file])
    return new Gate(file, await open(file, 'r+'))
  }

  /** Again: does nothing. */
  async open(): Promise<void> {
    await rm(this.file, { force: true })
    await this.handle.close()
  }
}
