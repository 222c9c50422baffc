import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFaultySmtp } from '../../../test/support/smtp-server.ts';
import { readSettings } from '../config.ts';
import { ALL } from '../parts.ts';
import { NOTICE_CHECKS } from './notice-checks.ts';
import { runDoctor } from './run-doctor.ts';

const MAIL = { SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM: 'a@example.com', STAMPEDE_PUBLIC_URL: 'https://example.com' };
const SENDER = { MAIL_SENDER_NAME: 'Sol', MAIL_SENDER_ADDRESS: '1 Sejong-daero', MAIL_SENDER_PHONE: '02-123' };
const VAPID = `${'A'.repeat(42)}E`;

const directory = mkdtempSync(join(tmpdir(), 'doctor-'));
beforeAll(() => {
  const pem = { type: 'pkcs8', format: 'pem' } as const;
  const spki = { type: 'spki', format: 'pem' } as const;
  const rsa = (modulusLength: number) =>
    generateKeyPairSync('rsa', { modulusLength, privateKeyEncoding: pem, publicKeyEncoding: spki });
  writeFileSync(join(directory, 'good.pem'), rsa(2_048).privateKey);
  writeFileSync(join(directory, 'short.pem'), rsa(1_024).privateKey);
  writeFileSync(join(directory, 'public.pem'), rsa(2_048).publicKey);
  const edwards = generateKeyPairSync('ed25519', { privateKeyEncoding: pem, publicKeyEncoding: spki });
  writeFileSync(join(directory, 'edwards.pem'), edwards.privateKey);
});
afterAll(() => rmSync(directory, { recursive: true }));

async function findingsOf(name: string, env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const checks = NOTICE_CHECKS.filter((check) => check.name === name);
  expect(checks).toHaveLength(1);
  const lines = await runDoctor({ settings: readSettings(env), target: ALL, processes: 0 }, checks);
  return lines.map(({ verdict, text }) => `${verdict}: ${text}`);
}

test('without mail and web push nothing is examined', async () => {
  for (const { name } of NOTICE_CHECKS) expect(await findingsOf(name, {})).toEqual([]);
});

test('a mail server that is away is a failure, and one that responds is not; it gets no mail', async () => {
  expect(await findingsOf('mail server', MAIL)).toEqual([
    expect.stringMatching(/^fail: 127.0.0.1:1 cannot be used for mail: .+ Start it, or correct SMTP_URL.$/),
  ]);
  const smtp = await startFaultySmtp();
  try {
    const env = { ...MAIL, SMTP_URL: `smtp://127.0.0.1:${smtp.port}` };
    expect(await findingsOf('mail server', env)).toEqual([`ok: 127.0.0.1:${smtp.port} responds`]);
    expect(smtp.received).toEqual([]);
  } finally {
    await smtp.close();
  }
});

test('a mail server that refuses the login is a failure that does not show the password', async () => {
  const server = createServer((socket) => {
    socket.write('220 test ESMTP\r\n');
    socket.on('data', (line) => {
      if (String(line).startsWith('EHLO')) socket.write('250-test\r\n250 AUTH PLAIN\r\n');
      else socket.write('535 5.7.8 wrong\r\n');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const [refused] = await findingsOf('mail server', { ...MAIL, SMTP_URL: `smtp://ada:tulip@127.0.0.1:${port}` });
  server.close();
  expect(refused).toMatch(/^fail: 127.0.0.1:\d+ refuses the login of SMTP_URL: .+ Correct it.$/);
  expect(refused).not.toContain('tulip');
});

test('marketing needs a sender', async () => {
  expect(await findingsOf('mail', MAIL)).toContainEqual(expect.stringContaining('warn: No marketing mail leaves.'));
  expect(await findingsOf('mail', { ...MAIL, ...SENDER })).toContainEqual('ok: marketing mail states its sender');
});

test.each([
  ['good.pem', 'ok: MAIL_DKIM_KEY can sign'],
  ['short.pem', 'warn: The key in MAIL_DKIM_KEY has 1024 bits.'],
  ['public.pem', 'fail: MAIL_DKIM_KEY has no private RSA key'],
  ['edwards.pem', 'fail: MAIL_DKIM_KEY has no private RSA key'],
])('a signature by %s', async (file, said) => {
  const found = await findingsOf('mail', { ...MAIL, MAIL_DKIM_KEY: join(directory, file) });
  expect(found).toContainEqual(expect.stringContaining(said));
});

test('push services want an https address', async () => {
  const env = { PUSH_VAPID_KEY: VAPID, STAMPEDE_PUBLIC_URL: 'https://example.com' };
  expect(await findingsOf('web push', env)).toEqual([expect.stringMatching(/^ok: /)]);
  expect(await findingsOf('web push', { ...env, STAMPEDE_PUBLIC_URL: 'http://127.0.0.1:4000' })).toEqual([
    expect.stringMatching(/^warn: Push services want an https address/),
  ]);
});
