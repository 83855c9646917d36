import { jest } from '@jest/globals'
import { SCALE } from './scale.js'

// Seconds on an idle host, minutes on a busy one; every wait in these tests ends at a signal, or names what it waited for.
jest.setTimeout(300_000 * Math.max(1, SCALE))
