import { z } from 'zod';
import { nearest } from '../../platform/kernel/nearest.ts';
import { COMMAND_VARIABLES } from './command-variables.ts';
import { DATABASE_VARIABLES } from './database-variables.ts';
import { EDGE_VARIABLES } from './edge-variables.ts';
import { FILE_VARIABLES } from './file-variables.ts';
import { ISSUER_VARIABLES } from './issuer-variables.ts';
import { KAFKA_VARIABLES } from './kafka-variables.ts';
import { LIMIT_VARIABLES } from './limit-variables.ts';
import { MAIL_VARIABLES } from './mail-variables.ts';
import { PAYMENT_VARIABLES } from './payment-variables.ts';
import { PUSH_VARIABLES } from './push-variables.ts';
import { REDIS_VARIABLES } from './redis-variables.ts';
import { onOrOff, rotatedSecret } from './schemas.ts';
import { SERVICE_VARIABLES } from './service-variables.ts';
import { SHARD_VARIABLES } from './shard-variables.ts';
import { SHOP_VARIABLES } from './shop-variables.ts';
import type { ValuesOf, Variables } from './variable.ts';
import { WEBHOOK_VARIABLES } from './webhook-variables.ts';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
const NODE_ENVS = ['development', 'production', 'test'] as const;
const PASSWORD_MIN = 10;

/** Every variable. docs/configuration.md lists the same ones in this order; config.test.ts compares the two. */
export const VARIABLES = {
  ...EDGE_VARIABLES,
  ...FILE_VARIABLES,
  ...DATABASE_VARIABLES,
  ...KAFKA_VARIABLES,
  JWT_SECRET: {
    schema: rotatedSecret().optional(),
    advice: 'Set JWT_SECRET to the output of: openssl rand -base64 48',
    isSecret: true,
  },
  ...ISSUER_VARIABLES,
  REDEMPTION_SECRET: {
    schema: rotatedSecret().optional(),
    advice: 'Set REDEMPTION_SECRET to the output of: openssl rand -base64 48',
    isSecret: true,
  },
  STAMPEDE_ADMIN_EMAIL: {
    schema: z.email('must be an e-mail address').default('admin@stampede.local'),
    advice: 'Set for example STAMPEDE_ADMIN_EMAIL=admin@example.com.',
  },
  STAMPEDE_ADMIN_PASSWORD: {
    schema: z.string().min(PASSWORD_MIN, `must have at least ${PASSWORD_MIN} characters`).optional(),
    advice: 'Set a longer one, or leave it out to have one generated.',
    isSecret: true,
  },
  STAMPEDE_RATE_LIMIT: {
    schema: onOrOff().default('on'),
    advice: 'Set STAMPEDE_RATE_LIMIT=off for load tests, else leave it out.',
  },
  ...LIMIT_VARIABLES,
  ...SERVICE_VARIABLES,
  ...REDIS_VARIABLES,
  ...SHARD_VARIABLES,
  ...SHOP_VARIABLES,
  ...PAYMENT_VARIABLES,
  ...MAIL_VARIABLES,
  ...PUSH_VARIABLES,
  ...WEBHOOK_VARIABLES,
  ...COMMAND_VARIABLES,
  LOG_LEVEL: {
    schema: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
    advice: 'Set for example LOG_LEVEL=info.',
  },
  STAMPEDE_SANDBOX: {
    schema: onOrOff().default('off'),
    advice: 'Set STAMPEDE_SANDBOX=on to move the time by hand, else leave it out.',
  },
  NODE_ENV: {
    schema: z
      .enum(NODE_ENVS, {
        error: ({ input }) =>
          `must be one of ${NODE_ENVS.join(', ')}; the nearest is ${nearest(String(input), NODE_ENVS)}`,
      })
      .default('development'),
    advice: 'Set NODE_ENV=production on a live system, else leave it out.',
  },
} satisfies Variables;
export type VariableName = keyof typeof VARIABLES;
export type Values = ValuesOf<typeof VARIABLES>;
