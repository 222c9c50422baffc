// The configurations of docs/reverse-proxy.md run as they are printed there, with other ports and files.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessTokens, validFor } from '../../src/platform/http/access-token.ts';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { programOf } from '../../tools/cluster/balancer.ts';
import { authorityIn } from '../support/certificates.ts';
import { type ServerProcess, startServe, temporaryDir } from '../support/serve.ts';

const ADDRESS_LIMIT = 20;
const JWT_SECRET = 'of a test of proxies: 32 bytes or more';
const token = accessTokens(JWT_SECRET, Date.now).sign({ sub: '1001', role: 'CUSTOMER', ...validFor(900, Date.now()) });
const NAME = 'shop.example.com';
const page = readFileSync('docs/reverse-proxy.md', 'utf8');
const blockOf = (language: string): string =>
  new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(page)?.[1] ?? '';

interface Place {
  readonly directory: string;
  readonly port: number;
  readonly nodePort: string;
  readonly tls: { readonly cert: string; readonly key: string };
}

const PROXIES = {
  nginx: ({ directory, port, nodePort, tls }: Place) => ({
    text: `daemon off; pid ${directory}/nginx.pid; events {} http { access_log off;
${blockOf('nginx')
  .replace('127.0.0.1:4000', `127.0.0.1:${nodePort}`)
  .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
  .replace(`/etc/ssl/${NAME}.pem`, tls.cert)
  .replace(`/etc/ssl/${NAME}.key`, tls.key)} }`,
    args: (file: string) => ['-e', 'stderr', '-p', directory, '-c', file],
  }),
  haproxy: ({ directory, port, nodePort, tls }: Place) => {
    const both = join(directory, 'haproxy.pem');
    writeFileSync(both, readFileSync(tls.cert, 'utf8') + readFileSync(tls.key, 'utf8'));
    return {
      text: blockOf('haproxy')
        .replace('127.0.0.1:4000', `127.0.0.1:${nodePort}`)
        .replace('bind :443 ssl', `bind 127.0.0.1:${port} ssl`)
        .replace(`/etc/haproxy/${NAME}.pem`, both),
      args: (file: string) => ['-db', '-f', file],
    };
  },
  caddy: ({ directory, port, nodePort, tls }: Place) => ({
    text: `{
  admin off
  auto_https disable_redirects
  storage file_system ${directory}/caddy
}
${blockOf('caddyfile')
  .replace('127.0.0.1:4000', `127.0.0.1:${nodePort}`)
  .replace(`${NAME} {`, `https://${NAME}:${port} {\n  bind 127.0.0.1\n  tls ${tls.cert} ${tls.key}`)}`,
    args: (file: string) => ['run', '--adapter', 'caddyfile', '--config', file],
  }),
} as const;

describe.each(['nginx', 'haproxy', 'caddy'] as const)('%s as in docs/reverse-proxy.md', (name) => {
  const program = programOf(name);
  if (program === undefined && process.env['REQUIRE_CLUSTER'] === '1')
    throw new Error(`${name} is missing: apt-get install ${name}`);
  if (program === undefined) process.stderr.write(`The configuration of ${name} is not tried: install ${name}.\n`);

  const dir = temporaryDir();
  let server: ServerProcess;
  let proxy: ReturnType<typeof spawn>;
  let port: number;
  beforeAll(async () => {
    if (program === undefined) return;
    server = await startServe({
      dataDir: join(dir.path, 'data'),
      env: { JWT_SECRET, TRUST_PROXY: '1', STAMPEDE_LIMIT_ADDRESS: String(ADDRESS_LIMIT) },
    });
    port = await freePort();
    const tls = authorityIn(dir.path, 'authority').certify(NAME);
    const file = join(dir.path, `${name}.conf`);
    const { text, args } = PROXIES[name]({ directory: dir.path, port, nodePort: new URL(server.url).port, tls });
    writeFileSync(file, text);
    proxy = spawn(program, args(file), { stdio: 'inherit' });
    while ((await request('/api/v1/products').catch(() => 0)) !== 200) await sleep(100);
  });
  afterAll(async () => {
    if (program !== undefined) {
      // The workers of nginx outlive a master that was killed.
      proxy.kill('SIGTERM');
      await once(proxy, 'exit');
      await server.end('SIGKILL');
    }
    await dir.remove();
  });

  /** The status of a request through the proxy. The certificate is one of the test's own. */
  const request = (path: string, headers: Record<string, string> = {}): Promise<number> =>
    new Promise((resolve, reject) =>
      get({ port, path, headers: { host: NAME, ...headers }, rejectUnauthorized: false }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      }).on('error', reject),
    );

  it.runIf(program !== undefined)('an event of a stream arrives while the stream is open', async () => {
    const headers = { host: NAME, authorization: `Bearer ${token}` };
    // It resolves with the event only: a proxy that waits for the end of a response would keep it.
    await new Promise<void>((resolve, reject) => {
      let received = '';
      const open = get({ port, path: '/api/v1/notifications/stream', headers, rejectUnauthorized: false }, (response) =>
        response.setEncoding('utf8').on('data', (text: string) => {
          received += text;
          if (!received.includes('event: unread')) return;
          open.destroy();
          resolve();
        }),
      ).on('error', reject);
    });
  });

  it.runIf(program !== undefined)('paths for operators are hidden', async () => {
    expect([await request('/metrics'), await request('/readyz'), await request('/healthz')]).toEqual([404, 404, 404]);
  });

  it.runIf(program !== undefined)('a client that forges X-Forwarded-For is limited as one client', async () => {
    const statuses: number[] = [];
    for (let index = 0; index <= ADDRESS_LIMIT; index++)
      statuses.push(await request('/api/v1/products', { 'x-forwarded-for': `203.0.113.${index}` }));
    expect(statuses).toContain(429);
  });
});
