import type { Logger as TypeOrmLogger } from 'typeorm'
import type { Logger } from './logger.js'

/** TypeORM's messages in our log: it would write some of them to the console otherwise. Statements are not logged. */
export class OrmLogger implements TypeOrmLogger {
  constructor(private readonly logger: Logger) {}

  logQuery(): void {}
  logQueryError(): void {}
  logQuerySlow(): void {}

  logSchemaBuild(message: string): void {
    this.logger.debug(message)
  }

  logMigration(message: string): void {
    this.logger.info(message)
  }

  log(level: 'log' | 'info' | 'warn', message: unknown): void {
    this.logger[level === 'warn' ? 'warn' : 'debug'](String(message))
  }
}
