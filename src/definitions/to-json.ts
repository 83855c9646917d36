import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'
import type { Json, JsonObject } from '../domain/json.js'
import { MAX_DEPTH, MAX_TEXT, MAX_VALUES } from './limits.js'
import type { ProblemList } from './problem-list.js'
import { quote, subject } from './quote.js'
import { TooLarge } from './too-large.js'

/** NUL, which no environment and no Postgres text can hold, and surrogates without their partner. */
const FORBIDDEN_CHARACTERS = /\0|\p{Surrogate}/u

/**
 * Takes a document's value as JSON, every alias replaced by what it stands for, and finds what JSON cannot say:
 * duplicate keys, NUL and lone surrogates, .inf and .nan, aliases of nothing or of what they stand in.
 * Throws TooLarge; aliases of aliases (a "YAML bomb") run into MAX_VALUES or MAX_TEXT.
 */
export function toJson(document: Document, problems: ProblemList): Json {
  return new JsonTaker(problems).take(document.contents as Node | null)
}

class JsonTaker {
  readonly #problems: ProblemList
  readonly #anchors = new Map<string, Node>()
  readonly #open = new Set<Node>()
  readonly #path: string[] = []
  #values = 0
  #text = 0

  constructor(problems: ProblemList) {
    this.#problems = problems
  }

  take(node: Node | null): Json {
    if (node === null) return null
    if (++this.#values > MAX_VALUES) throw new TooLarge(`The file has more than ${MAX_VALUES} values`, offsetOf(node))
    if (isAlias(node)) return this.#alias(node)
    const { anchor } = node as { anchor?: string }
    if (anchor !== undefined) this.#anchors.set(anchor, node)
    if (isScalar(node)) return this.#scalar(node.value, node)
    if (this.#open.has(node)) return this.#refuse(node, 'is an alias of what it stands in')
    if (this.#open.size >= MAX_DEPTH) throw new TooLarge(`The file nests more than ${MAX_DEPTH} deep`, offsetOf(node))
    this.#open.add(node)
    const value = isMap(node) ? this.#map(node) : isSeq(node) ? this.#list(node) : null
    this.#open.delete(node)
    return value
  }

  #alias(node: Node & { source: string }): Json {
    const target = this.#anchors.get(node.source)
    if (target === undefined)
      return this.#refuse(node, `is the alias of an anchor that is not before it, ${quote(node.source)}`)
    return this.take(target)
  }

  #scalar(value: unknown, node: Node): Json {
    if (typeof value === 'string') {
      this.#checkText(value, node, 'VALUE')
      return value
    }
    if (typeof value === 'boolean' || value === null) return value
    if (typeof value === 'number' && Number.isFinite(value)) return value
    return this.#refuse(node, `must be a number that JSON has, not ${quote(value)}`)
  }

  #list(node: YAMLSeq): Json {
    return node.items.map((item, index) => this.#inside(String(index), item as Node | null))
  }

  #map(node: YAMLMap): Json {
    const object: JsonObject = {}
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const key = String((pair.key as { value?: unknown } | null)?.value ?? '')
      const isNew = this.#checkKey(object, key, pair.key)
      const value = this.#inside(key, pair.value)
      if (isNew) object[key] = value
    }
    return object
  }

  #inside(part: string, node: Node | null): Json {
    this.#path.push(part)
    const value = this.take(node)
    this.#path.pop()
    return value
  }

  #checkKey(object: JsonObject, key: string, node: Node): boolean {
    const refuse = (message: string) => {
      this.#problems.add({ code: 'INVALID', path: [...this.#path, key], message, offset: offsetOf(node), at: 'KEY' })
      return false
    }
    this.#checkText(key, node, 'KEY')
    if (key === '__proto__') return refuse(`${subject(this.#path)} must not have a key __proto__`)
    if (Object.hasOwn(object, key)) return refuse(`${subject([...this.#path, key])} is given twice in one mapping`)
    return true
  }

  #checkText(text: string, node: Node, at: 'KEY' | 'VALUE'): void {
    this.#text += text.length
    if (this.#text > MAX_TEXT)
      throw new TooLarge(`The file has more than ${MAX_TEXT} characters of text`, offsetOf(node))
    if (!FORBIDDEN_CHARACTERS.test(text)) return
    const message = `${subject(this.#path)} must not contain NUL or half of a surrogate pair, as ${quote(text)} does`
    this.#problems.add({ code: 'INVALID', path: [...this.#path], message, offset: offsetOf(node), at })
  }

  #refuse(node: Node, rule: string): null {
    const message = `${subject(this.#path)} ${rule}`
    this.#problems.add({ code: 'INVALID', path: [...this.#path], message, offset: offsetOf(node) })
    return null
  }
}

function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0
}
