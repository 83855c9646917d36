import type { Noun } from '../noun.js'
import { DagScheduleResolver } from './schedule.resolver.js'

export const scheduleNoun: Noun = { resolvers: [DagScheduleResolver], nodes: [] }
