/** The line (from 1) on which each value of a JSON text begins, by path (`workflow.tasks[3].name`), to a certain depth. */
export type Lines = ReadonlyMap<string, number>

/**
 * Walks a text that JSON.parse has accepted, so it only has to find its way, never to judge. `workflow.specification.
 * tasks[3].parents[0]` has depth 6; deeper values are skipped and their lines are those of what holds them.
 */
export function linesOf(text: string, depth: number): Lines {
  const walk = new Walk(text, depth)
  walk.value('', 0)
  return walk.lines
}

/** The line of a path, or of the nearest value that holds it. */
export function lineAt(lines: Lines, path: readonly PropertyKey[]): number | null {
  for (let length = path.length; length >= 0; length--) {
    const line = lines.get(pathText(path.slice(0, length)))
    if (line !== undefined) return line
  }
  return null
}

/** `workflow.tasks[3].name`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => joined(text, typeof part === 'number' ? part : String(part)), '')
}

function joined(path: string, part: string | number): string {
  if (typeof part === 'number') return `${path}[${part}]`
  return path === '' ? part : `${path}.${part}`
}

class Walk {
  readonly lines = new Map<string, number>()
  private at = 0
  private line = 1

  constructor(
    private readonly text: string,
    private readonly depth: number,
  ) {}

  value(path: string, level: number): void {
    this.space()
    this.lines.set(path, this.line)
    const sign = this.text[this.at]
    if (level === this.depth) this.skip()
    else if (sign === '{') this.members('}', () => this.member(path, level))
    else if (sign === '[') this.members(']', (index) => this.value(joined(path, index), level + 1))
    else this.skip()
  }

  private member(path: string, level: number): void {
    const start = this.at
    this.string()
    const key = JSON.parse(this.text.slice(start, this.at)) as string
    this.space()
    this.at += 1
    this.value(joined(path, key), level + 1)
  }

  private members(end: string, each: (index: number) => void): void {
    this.at += 1
    for (let index = 0; ; index++) {
      this.space()
      if (this.text[this.at] === end) break
      if (this.text[this.at] === ',') {
        this.at += 1
        this.space()
      }
      each(index)
    }
    this.at += 1
  }

  /** Over a whole value without recursion: JSON may be nested deeper than the stack. */
  private skip(): void {
    let open = 0
    while (this.at < this.text.length) {
      const sign = this.text[this.at] as string
      if (open === 0 && ',]}'.includes(sign)) return
      if (sign === '"') {
        this.string()
        continue
      }
      if (sign === '{' || sign === '[') open += 1
      if (sign === '}' || sign === ']') open -= 1
      if (sign === '\n') this.line += 1
      this.at += 1
    }
  }

  private string(): void {
    for (this.at += 1; this.text[this.at] !== '"'; this.at += 1) if (this.text[this.at] === '\\') this.at += 1
    this.at += 1
  }

  private space(): void {
    for (; ' \t\r\n'.includes(this.text[this.at] ?? '.'); this.at += 1) if (this.text[this.at] === '\n') this.line += 1
  }
}
