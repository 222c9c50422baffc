// @module-tag settings
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startServer } from '../../src/app/server.ts';
import type { Mailpit, ReceivedMail } from '../../tools/mailpit/start.ts';
import { type Answer, call, configOf, keepEvents, type Stage, stage, until, untilHashed } from '../attacks/support.ts';
import { LINK_BASE, mailSettings, testMailpit } from '../support/mail.ts';

const AUTH = '/api/v1/auth';
const PASSWORD = 'correct horse battery';
const NEXT = 'staple of another kind';
const mailpit = await testMailpit();

/** The mail server behind a line that delays its greeting. */
async function slowServer(port: number, delayMs: number) {
  let connections = 0;
  const listener = createServer((client) => {
    connections += 1;
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy());
    client.pipe(upstream);
    setTimeout(() => upstream.pipe(client), delayMs);
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    connections: () => connections,
    close: () => listener.close(),
  };
}

/** The token of the link in a mail. */
function tokenIn({ text }: ReceivedMail): string {
  const [, token] = /\?token=([\w-]{43})$/m.exec(text) ?? [];
  if (token === undefined) throw new Error(`no link in ${text}`);
  return token;
}

describe.skipIf(mailpit === undefined)('with mail', () => {
  const server = mailpit as Mailpit;
  let on: Stage;
  let db: pg.Pool;
  let events: () => Promise<readonly string[]>;
  let people = 0;
  let email: string;
  /** Moves the time of the server. */
  let aheadMs = 0;

  beforeAll(async () => {
    on = await stage({ mail: mailSettings(server.smtpPort) }, { presentAt: (databaseMs) => databaseMs + aheadMs });
    db = new pg.Pool({ connectionString: on.database.url });
    events = await keepEvents(on);
  });
  afterAll(async () => {
    await db?.end();
    await on?.stop();
    await server.kill();
  });
  beforeEach(async () => {
    email = `mail-${++people}@example.com`;
    aheadMs = 0;
    await server.behave('accept');
  });

  const post = (path: string, json: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
    on.call('POST', `${AUTH}/${path}`, { json, headers });
  const signUp = (changes: object = {}, headers = {}) =>
    post('signup', { email, password: PASSWORD, name: 'Ada', ...changes }, headers);
  const logIn = async (password = PASSWORD) => (await post('login', { email, password })).status;
  const mails = (count: number) => server.waitForMails(email, count);
  const newest = async (count: number): Promise<ReceivedMail> => (await mails(count)).at(-1) as ReceivedMail;
  const verify = (token: string, headers = {}) => post('verify-email', { token }, headers);
  const reset = (token: string, newPassword = NEXT, headers = {}) =>
    post('password-reset/confirm', { token, newPassword }, headers);
  const told = ({ status, body }: Answer) => [status, body?.code];
  const signedUpEvents = async () =>
    (await events()).filter((text) => text.includes('user.signed_up') && text.includes(email));
  const tables = async (table: string): Promise<readonly string[]> =>
    (await db.query(`select t::text as text from identity.${table} as t`)).rows.map(({ text }) => text);

  async function verified(): Promise<void> {
    expect((await signUp()).status).toBe(202);
    expect((await verify(tokenIn(await newest(1)))).status).toBe(204);
  }
  /** All requests so far are done with. */
  const settled = () => until(async () => (await tables('mails')).length === 0);

  describe('signing up', () => {
    it('a user can log in when the link in the mail was used, and not before', async () => {
      const signedUp = await signUp({ email: email.toUpperCase() });
      expect([signedUp.status, signedUp.body]).toEqual([202, { email }]);
      const mail = await newest(1);
      expect(mail.subject).toBe('Verify your e-mail address for Cafe "Sol"');
      expect(mail.from).toEqual({ name: 'Cafe "Sol"', address: 'no-reply@shop.example.com' });
      expect(mail.headers['Content-Language']).toEqual(['en']);
      expect(mail.headers['Auto-Submitted']).toEqual(['auto-generated']);
      expect(mail.text).toContain(`${LINK_BASE}/verify-email?token=`);
      expect(mail.html).toContain(`href="${LINK_BASE}/verify-email?token=${tokenIn(mail)}"`);
      expect(await logIn()).toBe(401);
      expect(await signedUpEvents()).toEqual([]);
      const done = await verify(tokenIn(mail));
      expect([done.status, done.text]).toEqual([204, '']);
      expect(await logIn()).toBe(200);
      expect(await signedUpEvents()).toHaveLength(1);
      expect(told(await verify(tokenIn(mail)))).toEqual([410, 'LINK_INVALID']);
    });

    it('a mail is in Korean for a user who prefers Korean', async () => {
      await signUp({}, { 'accept-language': 'ko-KR,ko;q=0.9,en;q=0.5' });
      const mail = await newest(1);
      expect([mail.subject, mail.headers['Content-Language']]).toEqual([
        '[Cafe "Sol"] 이메일 주소를 인증해 주세요',
        ['ko'],
      ]);
      expect(mail.text).toContain('본인이 맞다면');
    });

    it('after a second sign-up with an address that was never verified its owner chooses the password by mail', async () => {
      await signUp({ password: 'the first password', name: 'Grace', role: 'OWNER' });
      await newest(1);
      expect((await signUp()).body).toEqual({ email });
      const mail = await newest(2);
      expect(mail.subject).toBe('Choose your password for Cafe "Sol"');
      expect(mail.text).toContain(`${LINK_BASE}/password-reset?token=`);
      expect(mail.text).not.toMatch(/Hello|Ada|Grace/);
      aheadMs = 24 * 3_600_000 - 60_000;
      expect((await reset(tokenIn(mail))).status).toBe(204);
      expect([await logIn('the first password'), await logIn(), await logIn(NEXT)]).toEqual([401, 401, 200]);
      const { rows } = await db.query('select name, role from identity.users where email = $1', [email]);
      expect(rows).toEqual([{ name: email.split('@')[0], role: 'CUSTOMER' }]);
      expect(await signedUpEvents()).toHaveLength(1);
    });

    it('a link of the first of two sign-ups verifies the address, and no password is valid until one is chosen', async () => {
      await signUp({ password: 'the first password' });
      const first = tokenIn(await newest(1));
      await signUp();
      const second = tokenIn(await newest(2));
      expect((await verify(first)).status).toBe(204);
      expect([await logIn('the first password'), await logIn()]).toEqual([401, 401]);
      // A user who lost that mail, or let it expire, requests another one.
      await post('password-reset', { email });
      const third = tokenIn(await newest(3));
      expect(told(await reset(second))).toEqual([410, 'LINK_INVALID']);
      expect((await reset(third)).status).toBe(204);
      expect([await logIn('the first password'), await logIn(), await logIn(NEXT)]).toEqual([401, 401, 200]);
    });

    it('a sign-up with the address of an account changes nothing, and its owner gets a mail that says so', async () => {
      await verified();
      const again = await signUp({ password: NEXT, name: 'Mallory' });
      expect([again.status, again.body]).toEqual([202, { email }]);
      const notice = await newest(2);
      expect(notice.subject).toBe('You have an account at Cafe "Sol" already');
      expect(notice.text).toContain('Hello Ada,');
      expect(notice.text).not.toContain('token=');
      expect([await logIn(), await logIn(NEXT)]).toEqual([200, 401]);
    });

    it('another mail can be asked for until the address is verified, and only the link of the newest one is valid', async () => {
      await signUp();
      const first = tokenIn(await newest(1));
      const asked = await post('verify-email/request', { email });
      expect([asked.status, asked.body]).toEqual([202, { email }]);
      const second = tokenIn(await newest(2));
      expect(told(await verify(first))).toEqual([410, 'LINK_INVALID']);
      expect((await verify(second)).status).toBe(204);
      expect((await post('verify-email/request', { email })).status).toBe(202);
      await settled();
      expect(await server.mailsTo(email)).toHaveLength(2);
    });

    it('docs/attacks.md 84: of ten uses of a link at the same time one verifies the address', async () => {
      await signUp();
      const token = tokenIn(await newest(1));
      const statuses = (await Promise.all(Array.from({ length: 10 }, () => verify(token)))).map(({ status }) => status);
      expect(statuses.sort()).toEqual([204, ...Array(9).fill(410)]);
      expect(await signedUpEvents()).toHaveLength(1);
    });

    it('docs/attacks.md 84: a link to verify an address is valid for 24 hours', async () => {
      await signUp();
      const token = tokenIn(await newest(1));
      aheadMs = 24 * 3_600_000 + 10_000;
      expect(told(await verify(token))).toEqual([410, 'LINK_INVALID']);
      aheadMs = 24 * 3_600_000 - 60_000;
      expect((await verify(token)).status).toBe(204);
    });
  });

  describe('resetting a password', () => {
    const ask = () => post('password-reset', { email });

    it('a new password ends every session, and the old one is not accepted any more', async () => {
      await verified();
      const { accessToken: token } = (await post('login', { email, password: PASSWORD })).body;
      const asked = await ask();
      expect([asked.status, asked.body]).toEqual([202, { email }]);
      const mail = await newest(2);
      expect(mail.subject).toBe('Choose a new password for Cafe "Sol"');
      expect(mail.text).toContain('Hello Ada,');
      expect(mail.text).toContain(`${LINK_BASE}/password-reset?token=`);
      const profile = async () => (await on.call('GET', `${AUTH}/profile`, { token })).status;
      expect(await profile()).toBe(200);
      const done = await reset(tokenIn(mail));
      expect([done.status, done.text]).toEqual([204, '']);
      expect(await profile()).toBe(401);
      expect([await logIn(), await logIn(NEXT)]).toEqual([401, 200]);
      const { rows } = await db.query('select id::text from identity.users where email = $1', [email]);
      expect(
        (await events()).filter((text) => text.includes('user.password_changed') && text.includes(rows[0].id)),
      ).toHaveLength(1);
    });

    it('docs/attacks.md 84: of two new passwords by one link at the same time one is set', async () => {
      await verified();
      await ask();
      const token = tokenIn(await newest(2));
      const passwords = [NEXT, 'a third way to spell it'];
      const answers = await Promise.all(passwords.map((password) => reset(token, password)));
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 410]);
      const won = answers.findIndex(({ status }) => status === 204);
      expect(await Promise.all(passwords.map(logIn))).toEqual(passwords.map((_, index) => (index === won ? 200 : 401)));
    });

    it('a common or short password is refused, and the link stays valid', async () => {
      await verified();
      await ask();
      const token = tokenIn(await newest(2));
      for (const password of ['passwordpassword', 'short']) {
        const refused = await reset(token, password);
        expect([...told(refused), refused.body.errors[0].field]).toEqual([400, 'VALIDATION_FAILED', 'newPassword']);
      }
      expect((await reset(token)).status).toBe(204);
    });

    it('docs/attacks.md 84: a link to choose a password is valid for 30 minutes', async () => {
      await verified();
      await ask();
      const token = tokenIn(await newest(2));
      aheadMs = 30 * 60_000 + 5_000;
      expect(told(await reset(token))).toEqual([410, 'LINK_INVALID']);
      aheadMs = 29 * 60_000;
      expect((await reset(token)).status).toBe(204);
    });

    it('a link to choose a password verifies the address, too, and is not valid after the password was changed', async () => {
      await signUp({ password: 'of somebody else' });
      const verification = tokenIn(await newest(1));
      await ask();
      expect((await reset(tokenIn(await newest(2)), PASSWORD)).status).toBe(204);
      expect(await signedUpEvents()).toHaveLength(1);
      expect(told(await verify(verification))).toEqual([410, 'LINK_INVALID']);
      const { accessToken: token } = (await post('login', { email, password: PASSWORD })).body;
      await ask();
      const unused = tokenIn(await newest(3));
      const json = { currentPassword: PASSWORD, newPassword: NEXT };
      expect((await on.call('PUT', `${AUTH}/password`, { token, json })).status).toBe(204);
      expect(told(await reset(unused, 'a third way to spell it'))).toEqual([410, 'LINK_INVALID']);
    });

    it('docs/attacks.md 84: a link for one purpose is not valid for the other', async () => {
      await signUp();
      const verification = tokenIn(await newest(1));
      expect(told(await reset(verification))).toEqual([410, 'LINK_INVALID']);
      await ask();
      expect(told(await verify(tokenIn(await newest(2))))).toEqual([410, 'LINK_INVALID']);
      expect((await verify(verification)).status).toBe(204);
    });

    it('a locked or deleted account gets no mail, and a link that was sent before has no effect', async () => {
      await verified();
      const { accessToken: token } = (await post('login', { email, password: PASSWORD })).body;
      await ask();
      const link = tokenIn(await newest(2));
      const { rows } = await db.query('select id::text, password_hash from identity.users where email = $1', [email]);
      const lock = (status: string) =>
        on.call('PATCH', `/api/v1/users/${rows[0].id}`, { token: on.token('1', 'ADMIN'), json: { status } });
      await lock('LOCKED');
      expect((await ask()).status).toBe(202);
      expect(told(await reset(link))).toEqual([410, 'LINK_INVALID']);
      await settled();
      const after = await db.query('select password_hash from identity.users where email = $1', [email]);
      expect(after.rows[0].password_hash).toBe(rows[0].password_hash);
      await lock('ACTIVE');
      expect(
        (
          await on.call('DELETE', `${AUTH}/profile`, {
            token: (await post('login', { email, password: PASSWORD })).body.accessToken,
          })
        ).status,
      ).toBe(204);
      expect((await ask()).status).toBe(202);
      await settled();
      expect(await server.mailsTo(email)).toHaveLength(2);
      expect((await tables('mail_links')).filter((text) => text.includes(rows[0].id))).toEqual([]);
      expect(token).toBeDefined();
    });
  });

  describe('the pages of links', () => {
    const page = (path: string, fields?: Readonly<Record<string, string>>) =>
      fetch(`${on.url}${path}`, {
        ...(fields === undefined ? {} : { method: 'POST', body: new URLSearchParams(fields) }),
        headers: { 'accept-language': 'en' },
      });

    it('opening a link changes nothing, and the form of its page verifies the address', async () => {
      await signUp();
      const token = tokenIn(await newest(1));
      for (let opened = 0; opened < 3; opened++) {
        const shown = await page(`/verify-email?token=${token}`);
        expect([shown.status, shown.headers.get('referrer-policy'), shown.headers.get('cache-control')]).toEqual([
          200,
          'no-referrer',
          'no-store',
        ]);
        expect(await shown.text()).toContain(`name="token" value="${token}"`);
      }
      expect(await logIn()).toBe(401);
      expect([(await page('/verify-email', { token })).status, await logIn()]).toEqual([200, 200]);
      const again = await page('/verify-email', { token });
      expect([again.status, await again.text()]).toEqual([410, expect.stringContaining('Request another mail')]);
    });

    it('the page of a password link refuses a common password in words, and sets another one', async () => {
      await verified();
      await post('password-reset', { email });
      const token = tokenIn(await newest(2));
      expect(await (await page(`/password-reset?token=${token}`)).text()).toContain('type="password"');
      const refused = await page('/password-reset', { token, newPassword: 'passwordpassword' });
      expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('most common')]);
      expect((await page('/password-reset', { token, newPassword: NEXT })).status).toBe(200);
      expect(await logIn(NEXT)).toBe(200);
    });

    it('docs/attacks.md 54: markup in a link is text on its page', async () => {
      const shown = await page(`/verify-email?token=${encodeURIComponent('"><script>alert(1)</script>')}`);
      const text = await shown.text();
      expect(text).toContain('value="&quot;&gt;&lt;script&gt;');
      expect(text).not.toContain('<script');
      expect(shown.headers.get('content-security-policy')).toContain("default-src 'none'");
    });
  });

  describe('sending', () => {
    it('mails wait while the server is away, and leave when it is back', async () => {
      await server.kill();
      const waited = await stage({ mail: mailSettings(server.smtpPort) }, { presentAt: (ms) => ms + aheadMs });
      const ask = (path: string, json: object) => waited.call('POST', `${AUTH}/${path}`, { json });
      expect((await ask('signup', { email, password: PASSWORD, name: 'Ada' })).status).toBe(202);
      expect((await ask('verify-email/request', { email })).status).toBe(202);
      const pool = new pg.Pool({ connectionString: waited.database.url });
      const attempts = async () => (await pool.query('select sum(attempts)::int as n from identity.mails')).rows[0].n;
      const retried = /stampede_mails_total\{kind="SIGN_UP",outcome="retried"\} [1-9]/;
      await until(async () => retried.test(await (await fetch(waited.server.metricsUrl)).text()));
      await server.restart();
      await until(async () => {
        aheadMs += 60_000;
        await waited.server.runJobs();
        return (await server.mailsTo(email)).length >= 2;
      });
      await until(async () => (await attempts()) === null);
      expect(
        (await ask('verify-email', { token: tokenIn((await server.mailsTo(email)).at(-1) as ReceivedMail) })).status,
      ).toBe(204);
      await pool.end();
      await waited.stop();
    });

    it('a mail that the server refuses for good is not sent again, and one that it defers is', async () => {
      await server.behave('reject');
      await signUp();
      await settled();
      expect(await server.mailsTo(email)).toEqual([]);
      await server.behave('defer');
      await post('verify-email/request', { email });
      await until(async () => (await tables('mails')).some((text) => text.includes(email) && text.endsWith(',1)')));
      await server.behave('accept');
      expect(await mails(1)).toHaveLength(1);
    });

    it('several requests become one mail when they wait together', async () => {
      await signUp();
      await mails(1);
      await server.behave('defer');
      for (let asked = 0; asked < 5; asked++) await post('password-reset', { email });
      await until(async () => (await tables('mails')).filter((text) => text.includes(email)).length === 1);
      await server.behave('accept');
      await mails(2);
      await settled();
      expect(await server.mailsTo(email)).toHaveLength(2);
    });

    it('a node sends each mail once, also when several nodes look for it', async () => {
      const config = configOf(on.database.programUrl, { mail: mailSettings(server.smtpPort) });
      const other = await startServer(config);
      const addresses = Array.from({ length: 20 }, (_, nth) => `many-${nth}-${email}`);
      await Promise.all(addresses.map((address) => untilHashed(() => signUp({ email: address }))));
      await Promise.all([on.server.runJobs(), other.runJobs()]);
      await settled();
      for (const address of addresses) expect(await server.mailsTo(address)).toHaveLength(1);
      await other.stop();
    });

    it('a mail whose node died while it was sent is sent once more, after its lease', async () => {
      await signUp();
      const first = tokenIn(await newest(1));
      await settled();
      // What a node leaves that is killed after the server has accepted the mail.
      await db.query(
        `insert into identity.mails (id, email, kind, language, requested_at, due_at, attempts)
         values (1, $1, 'VERIFY_EMAIL', 'en', now(), now() + interval '120 s', 1)`,
        [email],
      );
      await on.server.runJobs();
      expect(await server.mailsTo(email)).toHaveLength(1);
      aheadMs = 121_000;
      await on.server.runJobs();
      const second = tokenIn(await newest(2));
      await settled();
      expect([told(await verify(first)), (await verify(second)).status]).toEqual([[410, 'LINK_INVALID'], 204]);
    });

    it('a stop waits for the mail that is being sent', async () => {
      // Longer than the scheduler waits for its tasks.
      const slow = await slowServer(server.smtpPort, 3_000);
      const stopped = await stage({ mail: mailSettings(slow.port) });
      const asked = await stopped.call('POST', `${AUTH}/signup`, { json: { email, password: PASSWORD, name: 'Ada' } });
      expect(asked.status).toBe(202);
      const pool = new pg.Pool({ connectionString: stopped.database.url });
      await until(async () => slow.connections() > 0);
      await stopped.server.stop();
      expect((await pool.query('select 1 from identity.mails')).rowCount).toBe(0);
      expect(await server.mailsTo(email)).toHaveLength(1);
      await pool.end();
      await stopped.stop();
      slow.close();
    });
  });

  it('docs/attacks.md 18: each operation of mail has one effect a key, and its repeat gets the same response', async () => {
    let keys = 0;
    const twice = async (path: string, json: object): Promise<void> => {
      const headers = { 'idempotency-key': `${email}-${++keys}` };
      const [first, second] = [await post(path, json, headers), await post(path, json, headers)];
      expect([path, second.status, second.text]).toEqual([path, first.status, first.text]);
      expect([path, second.headers.get('idempotent-replayed')]).toEqual([path, 'true']);
    };
    await twice('signup', { email, password: PASSWORD, name: 'Ada' });
    const [first] = await mails(1);
    await settled();
    await twice('verify-email/request', { email });
    await mails(2);
    await settled();
    expect(told(await verify(tokenIn(first as ReceivedMail)))).toEqual([410, 'LINK_INVALID']);
    await twice('verify-email', { token: tokenIn(await newest(2)) });
    await twice('password-reset', { email });
    await mails(3);
    await settled();
    await twice('password-reset/confirm', { token: tokenIn(await newest(3)), newPassword: NEXT });
    expect(await server.mailsTo(email)).toHaveLength(3);
    expect(await logIn(NEXT)).toBe(200);
  });

  it('users who signed up with mail count as verified on a server without mail, and stay so', async () => {
    await signUp();
    await mails(1);
    await settled();
    const without = await startServer(configOf(on.database.programUrl), { log: pino({ level: 'silent' }) });
    const json = { email, password: PASSWORD };
    expect((await call(without.url, 'POST', `${AUTH}/login`, { json })).status).toBe(200);
    await without.stop();
    expect(await logIn()).toBe(200);
    expect(await signedUpEvents()).toHaveLength(1);
  });
});

it('the operations of mail are refused where no mail is configured', async () => {
  const on = await stage();
  const token = 'x'.repeat(43);
  const answers = [
    await on.call('POST', `${AUTH}/verify-email`, { json: { token } }),
    await on.call('POST', `${AUTH}/verify-email/request`, { json: { email: 'ada@example.com' } }),
    await on.call('POST', `${AUTH}/password-reset`, { json: { email: 'ada@example.com' } }),
    await on.call('POST', `${AUTH}/password-reset/confirm`, { json: { token, newPassword: NEXT } }),
    await on.call('POST', '/verify-email', { json: { token } }),
    await on.call('POST', '/password-reset', { json: { token, newPassword: NEXT } }),
  ];
  expect(answers.map(({ status, body }) => [status, body.code])).toEqual(Array(6).fill([409, 'MAIL_NOT_CONFIGURED']));
  await on.stop();
});
