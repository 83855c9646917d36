import { type Config, ConfigError, loadConfig } from './config.js'

/** How this process was asked to run; one that was asked for what cannot be says so and ends with 2. */
export function readConfig(): Config {
  try {
    return loadConfig()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(2)
  }
}
