const SHORT_FORM = /^([A-Za-z_][A-Za-z0-9_-]*)((?:\.[A-Za-z_]\w*)+)$/
const NAMES: ReadonlySet<string> = new Set(['parameters', 'outputs', 'run'])

/** The list as an expression: `extract.files` is short for `outputs["extract"].files`, where `extract` is a need. */
export function listExpression(text: string, needs: readonly string[]): string {
  const [, first = '', rest] = SHORT_FORM.exec(text) ?? []
  return NAMES.has(first) || !needs.includes(first) ? text : `outputs[${JSON.stringify(first)}]${rest}`
}
