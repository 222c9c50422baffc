import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createPolicy } from '../../src/commands/rush/coupon/create-policy.ts';
import { issueProfile } from '../../src/commands/rush/coupon/issue-profile.ts';
import type { LoadProfile } from '../../src/commands/rush/load-profile.ts';
import { packRequests, postText } from '../../src/commands/rush/requests.ts';
import { accessTokens } from '../../src/platform/http/access-token.ts';
import { openLoop } from '../overload/open-loop.ts';
import type { LoadSpec } from './client-run.ts';

/** What runs beside the probes. */
export const LOADS = {
  quiet: 'nothing',
  overload: 'requests to issue, at four times what the server can do',
  logins: 'wrong passwords of ever other accounts',
  idle: '10,000 connections that each made one request and stay open',
  slow: '1,000 connections that send a request a byte at a time',
} as const;
export type BesideName = keyof typeof LOADS;

const OVERLOAD_CONNECTIONS = 6_000;
const LOGIN_CONNECTIONS = 256;
const IDLE_CONNECTIONS = 10_000;
const SLOW_CONNECTIONS = 1_000;
const BYTE_EVERY_MS = 200;
const OPENED_AT_ONCE = 200;

/** Resolves when the load is there. It goes on until the process ends, at the latest after `seconds`. */
export async function startLoad(spec: LoadSpec): Promise<void> {
  setTimeout(() => process.exit(), spec.seconds * 1_000).unref();
  if (spec.load === 'overload') return void openLoop(await issuing(spec));
  if (spec.load === 'logins') return void openLoop(logins(spec));
  if (spec.load === 'idle') return hold(spec.url, IDLE_CONNECTIONS, idle);
  if (spec.load === 'slow') return hold(spec.url, SLOW_CONNECTIONS, slow);
}

async function issuing({ url: text, jwtSecret, seconds, perSecond, firstUser }: LoadSpec) {
  const url = new URL(text);
  const tokens = accessTokens(jwtSecret, Date.now);
  const users = perSecond * seconds;
  const policyId = await createPolicy(url, tokens, users, Date.now());
  const profile = issueProfile({ url, policyId, users, firstUser: BigInt(firstUser) }, tokens, Date.now());
  return { profile, url, connections: OVERLOAD_CONNECTIONS, phases: [{ perSecond, seconds }] };
}

function logins({ url: text, seconds, perSecond, firstUser }: LoadSpec) {
  const url = new URL(text);
  const users = perSecond * seconds;
  const user = (client: number): string => `guessed-${firstUser}-${client}@example.com`;
  const request = packRequests(users, (client) => {
    const body = JSON.stringify({ email: user(client), password: 'not the password of it' });
    return postText(url, { path: '/api/v1/auth/login', token: '', body }).replace(/authorization: Bearer \r\n/, '');
  });
  const profile: LoadProfile<undefined> = { clients: users, user, request, read: () => undefined };
  return { profile, url, connections: LOGIN_CONNECTIONS, phases: [{ perSecond, seconds }] };
}

async function hold(text: string, connections: number, use: (socket: Socket, host: string) => Promise<void>) {
  const { hostname, port, host } = new URL(text);
  async function open(): Promise<void> {
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    // The server closes what takes too long; another connection takes its place.
    socket.once('close', () => void open().catch(() => {}));
    socket.on('error', () => {});
    await use(socket, host);
  }
  for (let opened = 0; opened < connections; opened += OPENED_AT_ONCE) {
    await Promise.all(Array.from({ length: OPENED_AT_ONCE }, open));
  }
}

async function idle(socket: Socket, host: string): Promise<void> {
  socket.write(`GET /healthz HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
  await once(socket, 'data');
}

async function slow(socket: Socket, host: string): Promise<void> {
  // Not all at the same time: clients that have nothing to do with each other do not send in step.
  await delay(Math.random() * BYTE_EVERY_MS);
  const bytes = `POST /api/v1/auth/login HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{`;
  let sent = 0;
  const timer = setInterval(() => socket.write(bytes[sent++] ?? ' '), BYTE_EVERY_MS);
  socket.once('close', () => clearInterval(timer));
}
