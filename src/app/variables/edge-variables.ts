import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { type TrustProxy, trustOf } from '../../gateway/limits/client-address.ts';
import { isWebUrl, ownHost, PORT_MAX, webUrl, wholeNumber } from './schemas.ts';
import type { Variables } from './variable.ts';

/** In seconds. */
const PUBLIC_AGE_MAX = 60;
/** More processes belong on more machines. */
export const WORKERS_MAX = 64;

/** Where a server listens, and who may read from it. */
export const EDGE_VARIABLES = {
  PORT: {
    schema: wholeNumber(0, PORT_MAX).prefault('4000'),
    advice: 'Set for example PORT=4000.',
  },
  METRICS_PORT: {
    schema: wholeNumber(0, PORT_MAX).optional(),
    advice: 'Set for example METRICS_PORT=9464, or leave it out to serve metrics on PORT.',
  },
  HOST: {
    schema: ownHost().default('127.0.0.1'),
    advice: 'Set HOST=127.0.0.1 to serve this machine only, HOST=0.0.0.0 to serve others too.',
  },
  WORKERS: {
    schema: z
      .string()
      .transform((text) => (text === 'auto' ? String(availableParallelism()) : text))
      .pipe(wholeNumber(1, WORKERS_MAX, 'must be auto, or'))
      .prefault('1'),
    advice: 'Set for example WORKERS=auto for one on each core, or leave it out.',
  },
  CORS_ORIGINS: {
    schema: z
      .string()
      .transform((origins) => origins.split(',').map((origin) => origin.trim()))
      .refine(
        (origins) => origins.every(isOrigin),
        'must be origins such as https://shop.example.com, separated by commas',
      )
      .optional(),
    advice: 'Set for example CORS_ORIGINS=https://shop.example.com, without a path, or leave it out.',
  },
  PUBLIC_READ_MAX_AGE: {
    schema: wholeNumber(0, PUBLIC_AGE_MAX).prefault('0'),
    advice: 'Set for example PUBLIC_READ_MAX_AGE=1, or leave it out.',
  },
  TRUST_PROXY: {
    schema: z.string().transform(readTrustProxy).optional(),
    advice:
      'Set the number of proxies in front, for example TRUST_PROXY=1, or their networks, for example TRUST_PROXY=loopback,10.0.0.0/8, or leave it out.',
  },
  STAMPEDE_PUBLIC_URL: {
    schema: webUrl().optional(),
    advice: 'Set for example STAMPEDE_PUBLIC_URL=https://shop.example.com, or leave it out.',
  },
} satisfies Variables;

/** Returns a line where both listen on one port. */
export const portProblems = (port: number | undefined, metricsPort: number | undefined): readonly string[] =>
  metricsPort !== undefined && metricsPort !== 0 && metricsPort === port
    ? ['METRICS_PORT is the same as PORT. Set another one, or leave it out to serve metrics on PORT.']
    : [];

const isOrigin = (text: string): boolean => isWebUrl(text) && new URL(text).origin === text;

function readTrustProxy(text: string, context: z.RefinementCtx): TrustProxy {
  const setting = /^\d{1,2}$/.test(text) ? Number(text) : text.split(',').map((network) => network.trim());
  try {
    trustOf(setting);
  } catch {
    context.addIssue(
      'must be a number of proxies from 1 to 99, or addresses, networks, loopback, linklocal or uniquelocal',
    );
  }
  return setting;
}
