import { type DestinationStream, type Logger, pino } from 'pino';

/** Values of these fields are never logged, at any depth of an object. */
const SECRET_NAMES = [
  'authorization',
  'cookie',
  'password',
  'passwordHash',
  'accessToken',
  'refreshToken',
  'secret',
  'secrets',
  'jwtSecrets',
  'redemptionSecrets',
  'encryptionSecrets',
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
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths, censor: '[redacted]' },
      serializers: { err: (error: unknown) => errorJson(error) },
    },
    destination ?? pino.destination({ fd: 1, sync: false, minLength: 0 }),
  );
}

const CAUSES_MAX = 3;

/**
 * What of an error is worth a line. Its other properties are left out: an error of pg carries the whole connection, and its
 * detail the values that a constraint refused.
 */
function errorJson(error: unknown, causes = CAUSES_MAX): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const cause = error.cause === undefined || causes === 0 ? {} : { cause: errorJson(error.cause, causes - 1) };
  return { type: error.name, message: error.message, ...code, stack: error.stack, ...cause };
}
