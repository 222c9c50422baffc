import { expect, it } from 'vitest';
import { banner, type Started } from './banner.ts';
import { readSettings } from './config.ts';
import { ALL } from './parts.ts';

const PASSWORD = 'generated-password';
const started = (mayShowSecrets: boolean, env: Readonly<Record<string, string>> = {}): Started => ({
  server: {
    url: 'http://127.0.0.1:4000',
    metricsUrl: 'http://127.0.0.1:9464/metrics',
    admin: { email: 'admin@example.com', generatedPassword: PASSWORD },
    grpcPort: undefined,
  },
  target: ALL,
  settings: readSettings({ STAMPEDE_DATA_DIR: '/data', ...env }),
  postgres: { publicUrl: 'postgres://program:secret@127.0.0.1:5432/stampede', migrations: undefined },
  tookMs: 1_000,
  mayShowSecrets,
});

it('a terminal shows the generated password and the URL of the embedded database', () => {
  const text = banner(started(true));
  expect(text).toContain(`admin@example.com  password ${PASSWORD}  (shown only this once)`);
  expect(text).toContain('postgres://program:secret@127.0.0.1:5432/stampede');
  expect(text).toContain('http://127.0.0.1:9464/metrics');
});

it('the server that takes mail is shown, without its password', () => {
  const mail = {
    SMTP_URL: 'smtp://shop:mail-password@mail.example.com:587',
    MAIL_FROM: 'shop@example.com',
    STAMPEDE_PUBLIC_URL: 'https://shop.example.com',
  };
  expect(banner(started(true, mail))).toMatch(/^ {2}Mail +mail\.example\.com:587$/m);
  expect(banner(started(true, mail))).not.toContain('mail-password');
  expect(banner(started(true))).not.toContain('Mail');
});

it('anything else gets the paths of the files with the secrets', () => {
  const text = banner(started(false));
  expect(text).not.toContain(PASSWORD);
  expect(text).not.toContain('secret@');
  expect(text).toContain('password in /data/admin-password.txt');
  expect(text).toContain('127.0.0.1:5432/stampede  (with its password in /data/run.json)');
});

it('the password of DATABASE_URL is never shown', () => {
  const DATABASE_URL = 'postgres://program:secret@127.0.0.1:5432/stampede';
  for (const mayShow of [true, false]) expect(banner(started(mayShow, { DATABASE_URL }))).not.toContain('secret@');
});
