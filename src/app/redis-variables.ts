import { z } from 'zod';
import { isLoopbackHost } from '../platform/kernel/host-port.ts';
import { parseRedisUrl, type RedisUrl } from '../platform/redis/redis-url.ts';
import type { RedisSettings } from '../platform/redis/settings.ts';

/** Everything about Redis, in the order of docs/configuration.md. */
export const REDIS_VARIABLES = {
  REDIS_URL: z.string().transform(readRedisUrl).optional(),
  REDIS_CA: z.string().optional(),
  REDIS_CERT: z.string().optional(),
  REDIS_KEY: z.string().optional(),
  REDIS_PREFIX: z
    .string()
    .regex(/^[\w.:-]{1,100}$/, 'must be letters, digits, dots, colons, hyphens and underscores, 100 at most')
    .optional(),
  REDIS_GATE: z.enum(['on', 'off'], { error: 'must be on or off' }).default('off'),
};
type RedisVariable = keyof typeof REDIS_VARIABLES;

export const REDIS_ADVICE: Readonly<Record<RedisVariable, string>> = {
  REDIS_URL: 'Set for example REDIS_URL=redis://127.0.0.1:6379, or leave it out.',
  REDIS_CA: 'Set the path of a PEM file.',
  REDIS_CERT: 'Set the path of a PEM file.',
  REDIS_KEY: 'Set the path of a PEM file.',
  REDIS_PREFIX: 'Set for example REDIS_PREFIX=staging:.',
  REDIS_GATE: 'Set REDIS_GATE=on to share facts between nodes, else leave it out.',
};

function readRedisUrl(text: string, context: z.RefinementCtx): RedisUrl {
  try {
    return parseRedisUrl(text);
  } catch (error) {
    context.addIssue((error as Error).message);
    return z.NEVER;
  }
}

interface Values {
  readonly REDIS_URL?: RedisUrl | undefined;
  readonly REDIS_CA?: string | undefined;
  readonly REDIS_CERT?: string | undefined;
  readonly REDIS_KEY?: string | undefined;
  readonly REDIS_PREFIX?: string | undefined;
  readonly REDIS_GATE: 'on' | 'off';
}

export function redisOf(values: Values): RedisSettings | undefined {
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
    return alone.map((name) => `${name} has no effect without REDIS_URL. ${REDIS_ADVICE.REDIS_URL}`);
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
