/** Keys of the DAG file that a later release brings, and with what. They are refused by name until then. */
const LATER_KEYS: ReadonlyMap<string, string> = new Map([['thread', 'tasks in a thread of the server']])

/** Words that people know from other tools, and the key that means it here. */
const FOREIGN_KEYS: ReadonlyMap<string, string> = new Map([
  ['command', 'run'],
  ['cmd', 'run'],
  ['bash_command', 'run'],
  ['shell', 'run'],
  ['args', 'arguments'],
  ['depends_on', 'needs'],
  ['dependsOn', 'needs'],
  ['dependencies', 'needs'],
  ['triggerRule', 'when'],
  ['trigger_rule', 'when'],
  ['condition', 'if'],
  ['environment', 'env'],
  ['workingDirectory', 'directory'],
  ['working-directory', 'directory'],
  ['cwd', 'directory'],
  ['retries', 'retry'],
  ['jobs', 'tasks'],
  ['steps', 'tasks'],
  ['params', 'parameters'],
  ['host', 'machine'],
])

/** With what a key will come (`task templates`), or null when it is not known. */
export function laterKey(key: string): string | null {
  return LATER_KEYS.get(key) ?? null
}

/** The key that means the same here, if it is one of `keys`. */
export function foreignKey(key: string, keys: readonly string[]): string | null {
  const meant = FOREIGN_KEYS.get(key)
  return meant !== undefined && keys.includes(meant) ? meant : null
}
