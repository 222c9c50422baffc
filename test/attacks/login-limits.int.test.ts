// @module-tag settings
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../src/app/server.ts';
import { call, configOf, LIMITS, type Stage, stage } from './support.ts';

const AUTH = '/api/v1/auth';
const PASSWORD = 'correct horse battery';
const SETTINGS = {
  rateLimit: true,
  trustProxy: ['loopback'],
  limits: { ...LIMITS, address: 1_000, login: 3, loginAccount: 6, loginAddress: 10 },
};

let on: Stage;
beforeAll(async () => {
  on = await stage(SETTINGS);
});
afterAll(() => on?.stop());

let accounts = 0;
/** An account that has never logged in. */
async function signUp(): Promise<string> {
  const email = `owner-${++accounts}@example.com`;
  const { status } = await on.call('POST', `${AUTH}/signup`, { json: { email, password: PASSWORD, name: 'Ada' } });
  expect(status).toBe(201);
  return email;
}
let addresses = 0;
const newAddress = (): string => `2001:db8:0:${(++addresses).toString(16)}::1`;

async function logIn(email: string, address: string, password = PASSWORD, base = on.url): Promise<number> {
  const headers = { 'x-forwarded-for': address };
  return (await call(base, 'POST', `${AUTH}/login`, { json: { email, password }, headers })).status;
}
const guess = (email: string, address: string) => logIn(email, address, 'wrong password');
async function guessOften(email: string, address: string, count: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let guessed = 0; guessed < count; guessed++) statuses.push(await guess(email, address));
  return statuses;
}

describe('the limits of logins', () => {
  it('docs/attacks.md 66: thirty-one wrong logins from one address do not keep the owner out elsewhere', async () => {
    const email = await signUp();
    const statuses = await guessOften(email, newAddress(), 31);
    expect(statuses).toEqual([...Array(3).fill(401), ...Array(28).fill(429)]);
    expect(await logIn(email, newAddress())).toBe(200);
  });

  it('a guess from many addresses is limited, and gets in from none of them', async () => {
    const email = await signUp();
    const statuses: number[] = [];
    for (let count = 0; count < 20; count++) statuses.push(await guess(email, newAddress()));
    expect(statuses).toEqual([...Array(6).fill(401), ...Array(14).fill(429)]);
    expect(await logIn(email, newAddress())).toBe(429);
  });

  it('docs/attacks.md 66: the owner gets in where the account has logged in before, whatever others try, on every node', async () => {
    const email = await signUp();
    const [home, office] = [newAddress(), newAddress()];
    expect([await logIn(email, home), await logIn(email, office)]).toEqual([200, 200]);
    for (let count = 0; count < 20; count++) await guess(email, newAddress());
    expect(await logIn(email, newAddress())).toBe(429);
    expect(await logIn(email, home)).toBe(200);
    const other = await startServer(configOf(on.database.url, SETTINGS));
    try {
      expect(await logIn(email, office, PASSWORD, other.url)).toBe(200);
    } finally {
      await other.stop();
    }
  });

  it('a log-in where the account has logged in before is hashed before others', async () => {
    const email = await signUp();
    const home = newAddress();
    const hashed = async () => {
      const { text } = await on.call('GET', '/metrics');
      return Number(/^stampede_password_hashes_total\{purpose="known_log_in"\} (\d+)$/m.exec(text)?.[1] ?? 0);
    };
    const before = await hashed();
    expect([await logIn(email, home), await hashed()]).toEqual([200, before]);
    expect([await logIn(email, home), await hashed()]).toEqual([200, before + 1]);
    expect([await logIn(email, newAddress()), await hashed()]).toEqual([200, before + 1]);
  });

  it('the attempts at an address where the account has logged in before are limited as well', async () => {
    const email = await signUp();
    const home = newAddress();
    expect(await logIn(email, home)).toBe(200);
    expect(await guessOften(email, home, 4)).toEqual([401, 401, 429, 429]);
  });

  it('one address that tries many accounts is limited, and its refused attempts count for none of them', async () => {
    const [address, email] = [newAddress(), await signUp()];
    const statuses: number[] = [];
    for (let count = 0; count < 15; count++) statuses.push(await guess(`victim-${count}@example.com`, address));
    expect(statuses).toEqual([...Array(10).fill(401), ...Array(5).fill(429)]);
    for (let count = 0; count < 20; count++) expect(await guess(email, address)).toBe(429);
    expect(await guessOften(email, newAddress(), 4)).toEqual([401, 401, 401, 429]);
  });

  it('a neighbour who uses up the limit of an address does not keep out accounts that have logged in there', async () => {
    const email = await signUp();
    const address = newAddress();
    expect(await logIn(email, address)).toBe(200);
    for (let count = 0; count < 15; count++) await guess(`other-${count}@example.com`, address);
    expect(await logIn(await signUp(), address)).toBe(429);
    expect(await logIn(email, address)).toBe(200);
  });

  it('neither e-mail addresses nor IP addresses are stored in the tables of the limits', async () => {
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: on.database.url });
    await client.connect();
    const logins = `select digest as text from platform.known_logins union all
      select key from platform.rate_limits where key like 'login:%' or key like 'loginAccount:%'`;
    const { rows } = await client.query<{ text: string }>(logins);
    await client.end();
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.filter(({ text }) => /@|example|2001/.test(text))).toEqual([]);
  });
});
