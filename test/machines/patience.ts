import { jest } from '@jest/globals'

// These tests start hundreds of processes: seconds on an idle host, many more on a busy one. Each waits for a signal.
jest.setTimeout(90_000)
