// @module-tag settings
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../src/app/server.ts';
import type { Mailpit } from '../../tools/mailpit/start.ts';
import { mailSettings, testMailpit } from '../support/mail.ts';
import { type Answer, call, configOf, keepEvents, LIMITS, type Stage, stage, until } from './support.ts';

const AUTH = '/api/v1/auth';
const PASSWORD = 'correct horse battery';
const NEXT = 'staple of another kind';
// Of one length, so that responses that contain them are, too.
const KNOWN = 'verified-1@example.com';
const LOCKED = 'locked---2@example.com';
const UNVERIFIED = 'unverified@example.com';
const UNKNOWN = 'nobody---4@example.com';

/** The parts of a response that a client can compare, without what names this request. */
const shownIn = ({ status, headers, text, body }: Answer, email: string) => ({
  status,
  headers: [...headers.entries()].filter(([name]) => !['x-request-id', 'date'].includes(name)).sort(),
  body: body === undefined ? text : JSON.stringify({ ...body, requestId: '' }).replaceAll(email, 'EMAIL'),
});

const mailpit = await testMailpit();

describe.skipIf(mailpit === undefined)('attacks on mail', () => {
  const server = mailpit as Mailpit;
  let on: Stage;
  let db: pg.Pool;
  let events: () => Promise<readonly string[]>;
  const logged: string[] = [];
  const tokens: string[] = [];

  const post = (path: string, json: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
    on.call('POST', `${AUTH}/${path}`, { json, headers });
  const tokenOf = async (email: string, count: number): Promise<string> => {
    const [, token = ''] = /token=([\w-]+)/.exec((await server.waitForMails(email, count)).at(-1)?.text ?? '') ?? [];
    tokens.push(token);
    return token;
  };

  beforeAll(async () => {
    const log = pino({ level: 'trace' }, { write: (line: string) => logged.push(line) });
    on = await stage({ mail: mailSettings(server.smtpPort) }, { log });
    db = new pg.Pool({ connectionString: on.database.url });
    events = await keepEvents(on);
    for (const email of [KNOWN, LOCKED, UNVERIFIED]) {
      await post('signup', { email, password: PASSWORD, name: 'Ada' });
      const token = await tokenOf(email, 1);
      if (email !== UNVERIFIED) await post('verify-email', { token });
    }
    await db.query(`update identity.users set status = 'LOCKED' where email = $1`, [LOCKED]);
  });
  afterAll(async () => {
    await db?.end();
    await on?.stop();
    await server.kill();
  });

  it.each([
    ['signup', { password: NEXT, name: 'Mallory' }, [LOCKED, UNKNOWN]],
    ['verify-email/request', {}, [UNVERIFIED, LOCKED, UNKNOWN]],
    ['password-reset', {}, [UNVERIFIED, LOCKED, UNKNOWN]],
    ['login', { password: 'wrong password' }, [UNVERIFIED, LOCKED, UNKNOWN]],
  ])(
    'docs/attacks.md 28: %s gets the same response for a known address as for any other one',
    async (path, json, others) => {
      const known = shownIn(await post(path, { email: KNOWN, ...json }), KNOWN);
      expect(known.status).toBe(path === 'login' ? 401 : 202);
      for (const email of others) expect(shownIn(await post(path, { email, ...json }), email)).toEqual(known);
    },
  );

  it('docs/attacks.md 28: the right password of an account that is not verified gets the response to a wrong one', async () => {
    const right = await post('login', { email: UNVERIFIED, password: PASSWORD });
    const wrong = await post('login', { email: UNVERIFIED, password: 'wrong password' });
    expect(right.status).toBe(401);
    expect(shownIn(right, UNVERIFIED)).toEqual(shownIn(wrong, UNVERIFIED));
  });

  it('docs/attacks.md 55: no log line, event or table contains the token of a link, and no mail a password', async () => {
    await post('password-reset', { email: KNOWN });
    const token = await tokenOf(KNOWN, 2);
    await on.call('GET', `/password-reset?token=${token}`);
    await on.call('GET', `/verify-email?token=${token}&unknown=1`);
    await post('password-reset/confirm', { token, newPassword: NEXT }, { 'idempotency-key': 'attack-55' });
    await post('verify-email', { token }, { 'idempotency-key': 'attack-55' });
    const { rows: names } = await db.query(
      `select schemaname || '.' || tablename as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    const tables: string[] = [];
    for (const { name } of names) {
      const { rows } = await db.query(`select t::text as text from ${name} as t`);
      tables.push(...rows.map(({ text }) => text));
    }
    expect(tokens.length).toBeGreaterThan(3);
    const places = [...logged, ...(await events()), ...tables];
    expect(places.length).toBeGreaterThan(20);
    for (const secret of [...tokens, PASSWORD, NEXT]) {
      expect(places.filter((text) => text.includes(secret))).toEqual([]);
    }
    const mails = await server.mailsTo(KNOWN);
    expect(mails.filter(({ text, html }) => `${text}${html}`.includes(PASSWORD))).toEqual([]);
  });

  it('docs/attacks.md 38: an address or name with line breaks makes no header of a mail', async () => {
    const email = 'header@example.com';
    for (const bad of [`${email}\r\nBcc: all@example.com`, `${email},all@example.com`, `<${email}>`]) {
      expect((await post('password-reset', { email: bad })).status).toBe(400);
    }
    await post('signup', { email, password: PASSWORD, name: 'Ada' });
    await post('verify-email', { token: await tokenOf(email, 1) });
    await db.query(`update identity.users set name = E'Ada\\r\\nBcc: all@example.com' where email = $1`, [email]);
    await post('password-reset', { email });
    const [, mail] = await server.waitForMails(email, 2);
    expect(Object.keys(mail?.headers ?? {})).not.toContain('Bcc');
    expect(await server.mailsTo('all@example.com')).toEqual([]);
  });

  it('docs/attacks.md 54: markup in the name of an account is text in its mail', async () => {
    const email = 'markup@example.com';
    await post('signup', { email, password: PASSWORD, name: '<img src=x onerror=alert(1)>' });
    // The one who signed up may have meant the name for the owner of the address.
    expect((await server.waitForMails(email, 1))[0]?.text).not.toContain('img src');
    await post('verify-email', { token: await tokenOf(email, 1) });
    await post('password-reset', { email });
    const [, mail] = await server.waitForMails(email, 2);
    expect(mail?.html).toContain('Hello &lt;img src=x onerror=alert(1)&gt;,');
    expect(mail?.html).not.toContain('<img');
    expect(mail?.text).toContain('Hello <img src=x onerror=alert(1)>,');
  });

  it('docs/attacks.md 83: a mail address gets no more mails than its limit, from one client and from all, on every node', async () => {
    const limits = { ...LIMITS, mail: { aRecipientAndAddress: 2, aRecipient: 4, anAddress: 7 } };
    const config = configOf(on.database.programUrl, {
      mail: mailSettings(server.smtpPort),
      rateLimit: true,
      limits,
      trustProxy: 1,
    });
    const nodes = [await startServer(config), await startServer(config)];
    let asked = 0;
    const ask = async (address: string, email: string, path = 'password-reset', json = {}) => {
      const { url } = nodes[asked++ % 2] as (typeof nodes)[number];
      const headers = { 'x-forwarded-for': address };
      const answer = await call(url, 'POST', `${AUTH}/${path}`, { headers, json: { email, ...json } });
      return [answer.status, answer.headers.has('retry-after')];
    };
    const refused = [429, true];
    const accepted = [202, false];
    const all: unknown[] = [];
    // Every operation that sends mail counts, and unknown addresses count like known ones, in any spelling.
    for (const email of ['limited@example.com', 'LIMITED@example.com']) all.push(await ask('192.0.2.1', email));
    all.push(await ask('192.0.2.1', 'limited@example.com', 'verify-email/request'));
    all.push(await ask('192.0.2.1', 'limited@example.com', 'signup', { password: PASSWORD, name: 'Ada' }));
    expect(all).toEqual([accepted, accepted, refused, refused]);
    expect([await ask('192.0.2.2', 'limited@example.com'), await ask('192.0.2.2', 'limited@example.com')]).toEqual([
      accepted,
      accepted,
    ]);
    expect(await ask('192.0.2.3', 'limited@example.com')).toEqual(refused);
    const fromOne: unknown[] = [];
    for (let nth = 0; nth < 5; nth++) fromOne.push(await ask('192.0.2.1', `other-${nth}@example.com`));
    expect(fromOne).toEqual([accepted, accepted, accepted, refused, refused]);
    for (const node of nodes) await node.stop();
  });

  it('docs/attacks.md 91: requests from many addresses do not keep a user from a new password at an address of an earlier log-in', async () => {
    const email = 'flooded@example.com';
    await post('signup', { email, password: PASSWORD, name: 'Ada' });
    await post('verify-email', { token: await tokenOf(email, 1) });
    const limits = { ...LIMITS, mail: { aRecipientAndAddress: 2, aRecipient: 4, anAddress: 3 } };
    const settings = { mail: mailSettings(server.smtpPort), rateLimit: true, limits, trustProxy: 1 };
    const node = await startServer(configOf(on.database.programUrl, settings));
    const send = async (address: string, path: string, json: object) =>
      (await call(node.url, 'POST', `${AUTH}/${path}`, { headers: { 'x-forwarded-for': address }, json })).status;
    const home = '192.0.2.91';
    expect(await send(home, 'login', { email, password: PASSWORD })).toBe(200);
    for (const nth of [1, 2, 3, 4]) expect(await send(`198.51.100.${nth}`, 'password-reset', { email })).toBe(202);
    expect(await send('198.51.100.5', 'password-reset', { email })).toBe(429);
    // Nor do neighbours who use up the limit of the address.
    for (const nth of [1, 2, 3]) await send(home, 'password-reset', { email: `neighbour-${nth}@example.com` });
    expect(await send(home, 'password-reset', { email: 'neighbour-4@example.com' })).toBe(429);
    const asked: number[] = [];
    for (let nth = 0; nth < 3; nth++) asked.push(await send(home, 'password-reset', { email: email.toUpperCase() }));
    expect(asked).toEqual([202, 202, 429]);
    await node.stop();
  });

  it.each([
    ['before', 'its first link', ['attacker', 'owner']],
    ['before', 'its newest link', ['attacker', 'owner']],
    ['after', 'its first link', ['owner', 'attacker']],
    ['after', 'its newest link', ['owner', 'attacker']],
  ])(
    'docs/attacks.md 82: who signs up with an address %s its owner knows no password of the account, when the owner opens %s',
    async (order, link, [first, second]) => {
      const email = `hijacked-${order}-${link.replaceAll(' ', '-')}@example.com`;
      const passwordOf = (who: string | undefined) => `password of ${who}`;
      const logIn = async (password: string) => (await post('login', { email, password })).status;
      const logIns = () => Promise.all(['attacker', 'owner'].map((who) => logIn(passwordOf(who))));
      const signUp = (who: string | undefined) =>
        post('signup', {
          email,
          password: passwordOf(who),
          name: who,
          role: who === 'attacker' ? 'OWNER' : 'CUSTOMER',
        });
      const [one, other] = [await signUp(first), await tokenOf(email, 1).then(() => signUp(second))];
      expect(shownIn(other, email)).toEqual(shownIn(one, email));
      const newest = await tokenOf(email, 2);
      expect(await logIns()).toEqual([401, 401]);
      if (link === 'its first link') {
        expect((await post('verify-email', { token: tokens.at(-2) })).status).toBe(204);
        expect(await logIns()).toEqual([401, 401]);
      }
      expect((await post('password-reset/confirm', { token: newest, newPassword: NEXT })).status).toBe(204);
      expect([...(await logIns()), await logIn(NEXT)]).toEqual([401, 401, 200]);
      const { rows } = await db.query('select name, role from identity.users where email = $1', [email]);
      expect(rows).toEqual([{ name: email.split('@')[0], role: 'CUSTOMER' }]);
      // From now on a sign-up changes nothing.
      await signUp('attacker');
      await until(
        async () => (await db.query('select 1 from identity.mails where email = $1', [email])).rowCount === 0,
      );
      expect([...(await logIns()), await logIn(NEXT)]).toEqual([401, 401, 200]);
    },
  );
});
