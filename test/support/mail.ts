import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { MailSettings } from '../../src/platform/mail/mail-settings.ts';
import { NoMailpit } from '../../tools/mailpit/binary.ts';
import { type Mailpit, startMailpit } from '../../tools/mailpit/start.ts';

export const LINK_BASE = 'https://shop.example.com';

/**
 * A mail server of the caller's own. Undefined: there is none here, the tests with mail are left out, and a line says so; with REQUIRE_MAIL=1 that is a
 * failure. Ask at the top of a test file, for `describe.skipIf`.
 */
export async function testMailpit(): Promise<Mailpit | undefined> {
  try {
    return await startMailpit();
  } catch (error) {
    if (!(error instanceof NoMailpit) || process.env['REQUIRE_MAIL'] === '1') throw error;
    process.stderr.write(`The tests with mail are left out: ${error.message}.\n`);
    return undefined;
  }
}

/** A user with a link that no mail contains. Returns its token, and the id of the user. */
export async function userWithLink(
  pool: pg.Pool,
  email: string,
  purpose: 'VERIFY_EMAIL' | 'RESET_PASSWORD',
): Promise<{ readonly token: string; readonly userId: string }> {
  const token = randomBytes(32).toString('base64url');
  const digest = createHash('sha256').update(token).digest('base64url');
  const { rows } = await pool.query<{ id: string }>(
    `insert into identity.users (id, email, password_hash, name, role, marketing_consent, created_at)
     values ((random() * 1e15)::bigint, $1, 'none', 'Ada', 'CUSTOMER', false, now()) returning id::text`,
    [email],
  );
  const userId = rows[0]?.id ?? '';
  const link = 'insert into identity.mail_links (user_id, purpose, digest, expires_at) values ($1, $2, $3, $4)';
  await pool.query(link, [userId, purpose, digest, new Date(Date.now() + 600_000)]);
  return { token, userId };
}

/** Makes the address of a user verified. Returns the user's id. */
export async function verifyNow(pool: pg.Pool, email: string): Promise<string> {
  const sql = 'update identity.users set email_verified_at = now() where email = $1 returning id::text';
  const { rows } = await pool.query<{ id: string }>(sql, [email]);
  if (rows[0] === undefined) throw new Error(`${email} has not signed up`);
  return rows[0].id;
}

/** Keeps every request of a mail from now on, because a mail without a request is deleted. */
export const keepMails = (pool: pg.Pool): Promise<unknown> =>
  pool.query(`
    create table if not exists public.mails_ever (email text, kind text);
    create or replace function public.keep_mail() returns trigger language plpgsql security definer as
      'begin insert into public.mails_ever values (new.email, new.kind); return new; end';
    create or replace trigger keep after insert on identity.mails for each row execute function public.keep_mail()`);

/** For a server whose mail goes to this port. Without one nothing listens there, so mails wait. */
export const mailSettings = (port = 1): MailSettings => ({
  smtp: { host: '127.0.0.1', port, isImplicitTls: false, login: undefined },
  from: { name: 'Cafe "Sol"', address: 'no-reply@shop.example.com' },
  linkBase: LINK_BASE,
  dkim: undefined,
  sender: { name: 'Sol Inc.', address: '1 Sejong-daero, Seoul', phone: '02-123-4567' },
  domainRate: 6_000,
  linkSecrets: [],
});

/** The same for a process. */
export const MAIL_ENVIRONMENT = {
  SMTP_URL: 'smtp://127.0.0.1:1',
  MAIL_FROM: 'Cafe Sol <no-reply@shop.example.com>',
  STAMPEDE_PUBLIC_URL: LINK_BASE,
};
