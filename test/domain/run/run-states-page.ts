import { readFileSync } from 'node:fs'

/** docs/run-states.md as text. */
export const PAGE = readFileSync(new URL('../../../docs/run-states.md', import.meta.url), 'utf8')

/** Every arrow of every diagram, as `from event to`; the first diagram is the run's, the others are the instance's. */
export function arrows(machine: 'run' | 'instance'): string[] {
  const diagrams = [...PAGE.matchAll(/```mermaid\n([\s\S]*?)```/g)].map(([, text]) => text as string)
  const drawn = machine === 'run' ? diagrams.slice(0, 1) : diagrams.slice(1)
  return drawn
    .flatMap((text) => [...text.matchAll(/^ *(\S+) --> (\S+) : (.+)$/gm)])
    .flatMap(([, from, to, events]) => (events as string).split(', ').map((event) => `${from} ${event} ${to}`))
    .sort()
}
