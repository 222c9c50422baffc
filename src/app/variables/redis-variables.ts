import { z } from 'zod';
import { isLoopbackHost } from '../../platform/kernel/host-port.ts';
import { parseRedisUrl, type RedisUrl } from '../../platform/redis/redis-url.ts';
import type { RedisSettings } from '../../platform/redis/settings.ts';
import { onOrOff } from './schemas.ts';
import { PEM_FILE, type ValuesOf, type Variables } from './variable.ts';

/** Everything about Redis, in the order of docs/configuration.md. */
export const REDIS_VARIABLES = {
  REDIS_URL: {
    schema: z.string().transform(readRedisUrl).optional(),
    advice: 'Set for example REDIS_URL=redis://127.0.0.1:6379, or leave it out.',
    isSecret: true,
  },
  REDIS_CA: PEM_FILE,
  REDIS_CERT: PEM_FILE,
  REDIS_KEY: PEM_FILE,
  REDIS_PREFIX: {
    schema: z
      .string()
      .regex(/^[\w.:-]{1,100}$/, 'must be letters, digits, dots, colons, hyphens and underscores, 100 at most')
      .optional(),
    advice: 'Set for example REDIS_PREFIX=staging:.',
  },
  REDIS_GATE: {
    schema: onOrOff().default('off'),
    advice: 'Set REDIS_GATE=on to share facts between nodes, else leave it out.',
  },
} satisfies Variables;

function readRedisUrl(text: string, context: z.RefinementCtx): RedisUrl {
  try {
    return parseRedisUrl(text);
  } catch (error) {
    context.addIssue((error as Error).message);
    return z.NEVER;
  }
}

export function redisOf(values: ValuesOf<typeof REDIS_VARIABLES>): RedisSettings | undefined {
  const { REDIS_URL: url, REDIS_CA: ca, REDIS_CERT: cert, REDIS_KEY: key } = values;
  if (url === undefined) return undefined;
  return {
    ...url,
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    },
    prefix: values.REDIS_PREFIX ?? '',
    gate: values.REDIS_GATE === 'on',
  };
}

/** Returns a line for each variable of Redis that lacks another one, or would send secrets in the clear. `given`: the variables as they are set. */
export function redisProblems(
  given: Readonly<Record<string, string | undefined>>,
  url: RedisUrl | undefined,
): readonly string[] {
  const files = ['REDIS_CA', 'REDIS_CERT', 'REDIS_KEY'] as const;
  if (given['REDIS_URL'] === undefined) {
    const alone = [...files, 'REDIS_PREFIX', 'REDIS_GATE'].filter((name) => given[name] !== undefined);
    return alone.map((name) => `${name} has no effect without REDIS_URL. ${REDIS_VARIABLES.REDIS_URL.advice}`);
  }
  if (url === undefined) return [];
  const problems: string[] = [];
  if ((given['REDIS_CERT'] === undefined) !== (given['REDIS_KEY'] === undefined))
    problems.push('REDIS_CERT and REDIS_KEY belong together. Set both.');
  if (url.isEncrypted) return problems;
  for (const name of files) {
    if (given[name] !== undefined) problems.push(`${name} has no effect without rediss:// in REDIS_URL.`);
  }
  const far = url.hosts.find(({ host }) => !isLoopbackHost(host));
  if (far !== undefined)
    problems.push(
      `REDIS_URL has ${far.host}, which is not on this machine and not encrypted. Set rediss:// in place of redis://.`,
    );
  return problems;
}
