import type { Schedule } from '../../src/domain/schedule/schedule.js'
import { scheduleOf } from '../../src/domain/schedule/schedule.js'
import type { ScheduleDefinition } from '../../src/domain/schedule/schedule-definition.js'
import { takeTimes, timetableOf } from '../../src/timetable/timetable.js'

/** The schedule that the file's words stand for. */
export function schedule(definition: ScheduleDefinition): Schedule {
  return scheduleOf(definition) as Schedule
}

/** The first times after a moment, as text in UTC. */
export function times(definition: ScheduleDefinition, after: string, count: number, anchor = 0): string[] {
  const timetable = timetableOf(schedule(definition), anchor)
  return takeTimes(timetable, Date.parse(after), Number.POSITIVE_INFINITY, count).map(textOf)
}

export function textOf(at: number): string {
  return new Date(at).toISOString().replace(/:00\.000Z$/, 'Z')
}
