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

/** The key that means the same here, if it is one of `keys`. */
export function foreignKey(key: string, keys: readonly string[]): string | null {
  const meant = FOREIGN_KEYS.get(key)
  return meant !== undefined && keys.includes(meant) ? meant : null
}
