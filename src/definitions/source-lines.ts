/** Offsets of a source as lines and columns. */
export class SourceLines {
  readonly #starts: number[] = [0]

  constructor(source: string) {
    for (let end = source.indexOf('\n'); end !== -1; end = source.indexOf('\n', end + 1)) this.#starts.push(end + 1)
  }

  get count(): number {
    return this.#starts.length
  }

  /** 1-based line and column (UTF-16 code units) of an offset. */
  at(offset: number): { line: number; column: number } {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] as number) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (this.#starts[low] as number) + 1 }
  }
}
