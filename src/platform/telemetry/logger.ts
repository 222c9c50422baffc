import { type DestinationStream, type Logger, pino } from 'pino';

/** Whatever level of an object these stand at, their values never reach a log. */
const SECRET_NAMES = [
  'authorization',
  'cookie',
  'password',
  'passwordHash',
  'accessToken',
  'refreshToken',
  'secret',
  'jwtSecret',
  'databaseUrl',
  'x-api-key',
];
const paths = SECRET_NAMES.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);

/**
 * JSON lines to stdout (or `destination`). One event is one line whatever strings it carries, because JSON escapes line
 * breaks: never log by concatenating into the message.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: { paths, censor: '[redacted]' } },
    destination ?? pino.destination({ fd: 1, sync: false, minLength: 0 }),
  );
}
