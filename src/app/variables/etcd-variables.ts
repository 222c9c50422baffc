import { z } from 'zod';
import type { EtcdSettings } from '../../platform/etcd/settings.ts';
import { HOST_PORT, isLoopback, withoutLogins } from '../../platform/kernel/host-port.ts';
import { PEM_FILE, type ValuesOf, type Variables } from './variable.ts';

/** Where the processes find each other. */
export const ETCD_VARIABLES = {
  ETCD_ENDPOINTS: {
    schema: z
      .string()
      .regex(
        new RegExp(`^(https?://)?${HOST_PORT}(,(https?://)?${HOST_PORT})*$`, 'i'),
        'must be host:port, several of them separated by commas',
      )
      .transform((text) => text.split(','))
      .optional(),
    advice: 'Set for example ETCD_ENDPOINTS=127.0.0.1:2379, or leave it out.',
  },
  ETCD_PREFIX: {
    schema: z
      .string()
      .regex(/^[\w./-]{0,100}\/$/, 'must be letters, digits, dots, hyphens and slashes with a slash at the end')
      .default('/stampede/'),
    advice: 'Set for example ETCD_PREFIX=/staging/.',
  },
  ETCD_USER: {
    schema: z.string().optional(),
    advice: 'Set the name of a user of etcd, or leave it out.',
  },
  ETCD_PASSWORD: {
    schema: z.string().optional(),
    advice: 'Set the password of ETCD_USER.',
    isSecret: true,
  },
  ETCD_CA: PEM_FILE,
  ETCD_CERT: PEM_FILE,
  ETCD_KEY: PEM_FILE,
} satisfies Variables;

const SCHEME = /^https?:\/\//i;

/** Undefined: the processes do not find each other in etcd. */
export function etcdOf(values: ValuesOf<typeof ETCD_VARIABLES>): EtcdSettings | undefined {
  const { ETCD_ENDPOINTS: endpoints, ETCD_USER: user, ETCD_PASSWORD: password } = values;
  if (endpoints === undefined) return undefined;
  const { ETCD_CA: ca, ETCD_CERT: cert, ETCD_KEY: key } = values;
  return {
    endpoints: endpoints.map((endpoint) => endpoint.replace(SCHEME, '')),
    isEncrypted: ca !== undefined || endpoints.some((endpoint) => /^https:/i.test(endpoint)),
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    },
    login: user === undefined ? undefined : { user, password: password ?? '' },
    prefix: values.ETCD_PREFIX,
  };
}

/** Returns a line for each variable of etcd that lacks another one. `given`: the variables as they are set. */
export function etcdProblems(given: Readonly<Record<string, string | undefined>>): readonly string[] {
  const names = ['ETCD_USER', 'ETCD_PASSWORD', 'ETCD_CA', 'ETCD_CERT', 'ETCD_KEY', 'GRPC_ADVERTISE'] as const;
  if (given['ETCD_ENDPOINTS'] === undefined) {
    const alone = names.filter((name) => given[name] !== undefined);
    return alone.map((name) => `${name} has no effect without ETCD_ENDPOINTS. ${ETCD_VARIABLES.ETCD_ENDPOINTS.advice}`);
  }
  const problems: string[] = [];
  const pairs = [
    ['ETCD_USER', 'ETCD_PASSWORD'],
    ['ETCD_CERT', 'ETCD_KEY'],
  ] as const;
  for (const [one, other] of pairs) {
    if ((given[one] === undefined) !== (given[other] === undefined))
      problems.push(`${one} and ${other} belong together. Set both.`);
  }
  const endpoints = given['ETCD_ENDPOINTS'].split(',');
  const secure = endpoints.filter((endpoint) => /^https:/i.test(endpoint)).length;
  if (secure > 0 && secure < endpoints.length)
    problems.push('ETCD_ENDPOINTS mixes https with others. Set https for all.');
  if (given['ETCD_CA'] !== undefined && endpoints.some((endpoint) => /^http:/i.test(endpoint)))
    problems.push('ETCD_CA encrypts, and ETCD_ENDPOINTS has http. Set https, or leave ETCD_CA out.');
  const far = endpoints.find((endpoint) => !isLoopback(endpoint.replace(SCHEME, '')));
  if (far !== undefined && secure === 0 && given['ETCD_CA'] === undefined) {
    const shown = withoutLogins(far);
    problems.push(
      `ETCD_ENDPOINTS has ${shown}, which is not on this machine and not encrypted. Set https://${shown.replace(SCHEME, '')}, and ETCD_CA to its authority.`,
    );
  }
  return problems;
}
