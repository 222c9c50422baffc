import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Writes Nest's own messages to the log. Its start-up messages have level debug. */
export function nestLogger(log: Logger): LoggerService {
  const text = (message: unknown): string => (typeof message === 'string' ? message : 'nest');
  return {
    log: (message) => log.debug(text(message)),
    debug: (message) => log.debug(text(message)),
    verbose: (message) => log.trace(text(message)),
    warn: (message) => log.warn(text(message)),
    error: (message, ...details) => log.error({ details }, text(message)),
    fatal: (message, ...details) => log.fatal({ details }, text(message)),
  };
}
