import { X509Certificate } from 'node:crypto';
import { DAY_MS } from '../../platform/kernel/durations.ts';
import { isLoopbackHost } from '../../platform/kernel/host-port.ts';
import { readPem } from '../../platform/read-pem.ts';
import type { Settings } from '../config.ts';
import { type Check, type Finding, fail, ok, warn } from './finding.ts';
import { databaseUrls } from './settings-checks.ts';

const SOON_MS = 14 * DAY_MS;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Whether connections to other machines are encrypted, and by which certificates. */
export const TLS_CHECKS: readonly Check[] = [
  { name: 'certificates', run: ({ settings }) => certificates(settings, Date.now()) },
  { name: 'database encryption', run: ({ settings }) => databaseEncryption(settings) },
];

function certificates({ services, kafka, redis }: Settings, nowMs: number): readonly Finding[] {
  const files = {
    GRPC: services.tls,
    ETCD: services.etcd?.tls,
    KAFKA: kafka?.security?.tls,
    REDIS: redis?.tls,
  };
  return Object.entries(files).flatMap(([prefix, { ca, cert } = {}]) => [
    ...(ca === undefined ? [] : certificatesIn(`${prefix}_CA`, ca, nowMs)),
    ...(cert === undefined ? [] : certificatesIn(`${prefix}_CERT`, cert, nowMs)),
  ]);
}

function certificatesIn(variable: string, path: string, nowMs: number): readonly Finding[] {
  const found = readPem(variable, path).toString('latin1').match(CERTIFICATE) ?? [];
  if (found.length === 0) return [fail(`${variable} contains no certificate. Set it to a PEM file with one.`)];
  return found.map((text) => {
    const { subject, validToDate, validFromDate } = new X509Certificate(text);
    const name = `${variable} (${subject.replaceAll('\n', ', ')})`;
    const until = validToDate.toISOString().slice(0, 10);
    if (validToDate.getTime() <= nowMs) return fail(`${name} has expired on ${until}. Renew it.`);
    if (validFromDate.getTime() > nowMs) return fail(`${name} is not valid yet. Check the clock, or renew it.`);
    if (validToDate.getTime() - nowMs < SOON_MS) return warn(`${name} expires on ${until}. Renew it.`);
    return ok(`${name} is valid until ${until}`);
  });
}

function databaseEncryption(settings: Settings): readonly Finding[] {
  return databaseUrls(settings).flatMap(({ name, host, url }) => {
    // A host that begins with a slash is a directory of a socket of this machine.
    const { searchParams } = new URL(url);
    if (host === '' || isLoopbackHost(host) || searchParams.get('host')?.startsWith('/')) return [];
    const mode = searchParams.get('sslmode') ?? (searchParams.get('ssl') === 'true' ? 'require' : 'disable');
    if (['disable', 'allow', 'prefer'].includes(mode)) {
      const text = `${name} connects to ${host} without encryption. Add sslmode=verify-full, and sslrootcert where needed.`;
      return [fail(text)];
    }
    if (mode === 'no-verify')
      return [warn(`${name} encrypts, and accepts every certificate of ${host}. Set sslmode=verify-full.`)];
    return [ok(`${name} encrypts what it sends to ${host}`)];
  });
}
