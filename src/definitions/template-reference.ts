/** A task's `template`, taken apart. */
export interface TemplateReference {
  readonly name: string
  /** Null: the latest. */
  readonly version: number | null
}

/** `postgres-load@3`, or `postgres-load` for the latest. The text has passed the DAG file's schema. */
export function templateReference(text: string): TemplateReference {
  const at = text.indexOf('@')
  return at === -1 ? { name: text, version: null } : { name: text.slice(0, at), version: Number(text.slice(at + 1)) }
}
