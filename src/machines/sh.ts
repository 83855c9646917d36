/**
 * Shell text as it is, backslashes included; `\${name}` stands for the shell's own `${name}`.
 * The scripts live in .ts files because the compiler ships nothing else.
 */
export function sh(text: TemplateStringsArray): string {
  return text.raw.join('').replaceAll('\\${', '${').trim()
}
