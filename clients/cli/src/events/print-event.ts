import { printable } from '../output/printable.js'
import { timeOfDay } from '../output/time.js'
import type { Terminal } from '../terminal.js'
import type { JournalEvent } from './event.js'

/** One event on one line: NDJSON, or position, time, type, what it is about, and its data cut to the line. */
export function printEvent(terminal: Terminal, event: JournalEvent, asJson: boolean): void {
  if (asJson) {
    terminal.json(event)
    return
  }
  const about = event.instance?.taskKey ?? event.run?.id ?? event.streamId
  const day = event.recordedAt.slice(0, 10)
  const head = `${event.position.padStart(8)}  ${day} ${timeOfDay(event.recordedAt)}`
  const data = JSON.stringify(event.data)
  const shown = data.length > 160 ? `${data.slice(0, 157)}...` : data
  terminal.print(`${terminal.colour('gray', head)}  ${event.type.padEnd(24)}  ${printable(`${about}  ${shown}`)}`)
}
