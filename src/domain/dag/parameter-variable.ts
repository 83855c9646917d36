/** The environment variable in which a parameter reaches a command: `day-of` is `DAGBOOK_PARAM_DAY_OF`. */
export function parameterVariable(name: string): string {
  return `DAGBOOK_PARAM_${name.toUpperCase().replace(/[^A-Z0-9_]/g, '_')}`
}
