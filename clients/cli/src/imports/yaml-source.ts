import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import { RefusedFailure } from '../failure.js'

export type Mapping = Readonly<Record<string, unknown>>

/** The line of what a path leads to, from where an importer is; null: unknown. */
export type LineOf = (...path: (string | number)[]) => number | null

/** A YAML text with the line of everything in it. */
export class YamlSource {
  readonly value: unknown
  readonly #document: Document
  readonly #counter = new LineCounter()

  /** Throws RefusedFailure for what is no YAML. `what` is what the text should be. */
  constructor(text: string, what: string) {
    this.#document = parseDocument(text, { lineCounter: this.#counter, prettyErrors: false, merge: true })
    const [error] = this.#document.errors
    if (error !== undefined) {
      const { line } = this.#counter.linePos(error.pos[0])
      throw new RefusedFailure(`${what}: line ${line} is not valid YAML: ${error.message}`)
    }
    this.value = this.#document.toJS({ maxAliasCount: 1_000 })
  }

  /** The line (from 1) of the key or item that the path leads to, or of the nearest thing that holds it. */
  line(...path: (string | number)[]): number | null {
    for (let length = path.length; length > 0; length--) {
      const node = this.#keyOf(path.slice(0, length)) ?? this.#document.getIn(path.slice(0, length), true)
      if (isNode(node) && node.range) return this.#counter.linePos(node.range[0]).line
    }
    return null
  }

  /** What is behind a key may begin on the next line. */
  #keyOf(path: readonly (string | number)[]): unknown {
    const parent = path.length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true)
    if (!isMap(parent)) return undefined
    return parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)))?.key
  }
}

export function asMapping(value: unknown): Mapping | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Mapping) : null
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === null || value === undefined ? [] : [value]
}

/** Text and numbers as text; anything else is none. */
export function asText(value: unknown): string | null {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}

/** `true` and `"true"`. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 'true'
}
