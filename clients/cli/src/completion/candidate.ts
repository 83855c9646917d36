import { printable } from '../output/printable.js'

/** A word that may come next, and what it is, for shells that show that. */
export interface Candidate {
  readonly value: string
  readonly about: string | null
}

/** `value TAB about`, on one line, without anything that could steer a terminal or end a field. */
export function candidateLine({ value, about }: Candidate): string {
  const text = printable(about ?? '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 60)
  return text === '' ? value : `${value}\t${text}`
}

/** Whether a shell gets it as one word, whatever the value's origin. */
export function isPlainWord({ value }: Candidate): boolean {
  return /^[\w.:/=@+,[\]-]+$/.test(value)
}
