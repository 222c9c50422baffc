import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Part } from '../../src/app/parts.ts';
import { grpcCredentials } from '../../src/app/remote/credentials.ts';
import { openRemotes } from '../../src/app/remote/remotes.ts';
import { serveContexts } from '../../src/app/remote/service-server.ts';
import type { TlsFiles } from '../../src/app/variables/service-variables.ts';
import { storeContext } from '../../src/contexts/store/module.ts';
import { serviceTokens } from '../../src/platform/grpc/service-tokens.ts';
import { callClockOf } from '../support/call-clock.ts';
import { type Authority, authorityIn } from '../support/certificates.ts';
import { isPrincipal, signPrincipal } from '../support/principals.ts';

const SECRET = 's'.repeat(32);
const tokens = serviceTokens([SECRET], callClockOf(Date.now));
const standing = { storeId: 1n, ownerId: 1n, isOpen: true, version: 1, staff: [] };
const STANDING = { outcome: { $case: 'standing', value: standing } };

describe('calls between services with certificates', () => {
  let directory: string;
  let ours: Authority;
  let store: TlsFiles;
  let order: TlsFiles;
  const undo: (() => Promise<unknown> | unknown)[] = [];
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'stampede-certificates-'));
    ours = authorityIn(directory, 'ours');
    store = ours.certify('store');
    order = ours.certify('order', 'statistics');
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  async function serve(files: TlsFiles | undefined, isMutual = files !== undefined): Promise<number> {
    const { methods } = await storeContext.contract();
    const others = Object.keys(methods).map((name) => [name, () => Promise.reject(new Error(name))]);
    const api = { ...Object.fromEntries(others), checkStore: async () => STANDING };
    const server = await serveContexts({
      modules: { store: { api, jobs: [], stop: async () => {} } },
      others: [],
      tokens,
      isPrincipal,
      credentials: { ...grpcCredentials(files), isMutual },
      host: '127.0.0.1',
      port: 0,
      log: pino({ level: 'silent' }),
    });
    undo.push(() => server.stop(500));
    return server.port;
  }

  type Call = (request: object) => Promise<unknown>;
  async function callAs(
    caller: Part,
    port: number,
    files: TlsFiles | undefined,
    { method = 'checkStore', by = tokens } = {},
  ): Promise<unknown> {
    const remotes = await openRemotes({
      names: ['store'],
      settings: { addresses: { store: { kind: 'STATIC', addresses: [`127.0.0.1:${port}`] } } },
      tokens: by,
      signPrincipal,
      credentials: grpcCredentials(files),
      metrics: new Registry(),
      log: pino({ level: 'silent' }),
    });
    undo.push(() => remotes.close());
    return (remotes.apiOf('store', caller) as Record<string, Call>)[method]?.({ storeId: 1n });
  }

  const unavailable = expect.objectContaining({ name: 'Unavailable', code: 'DEPENDENCY_UNAVAILABLE' });

  test('a service is called by one whose certificate has its name', async () => {
    const port = await serve(store);
    expect(await callAs('order', port, order)).toEqual(STANDING);
    expect(await callAs('statistics', port, order)).toEqual(STANDING);
  });

  test('docs/attacks.md 37: a certificate of one service does not make calls of another', async () => {
    const port = await serve(store);
    await expect(callAs('coupon', port, order)).rejects.toThrow('UNAUTHENTICATED');
    await expect(callAs('gateway', port, order)).rejects.toThrow('UNAUTHENTICATED');
  });

  test('docs/attacks.md 37: a method that is not for the service is refused', async () => {
    await expect(callAs('order', await serve(store), order, { method: 'deleteStore' })).rejects.toThrow(
      'PERMISSION_DENIED',
    );
  });

  test('a call whose token is for another time is refused as unavailable, with the time after which to repeat it', async () => {
    const port = await serve(store);
    const by = serviceTokens(
      [SECRET],
      callClockOf(() => Date.now() - 60_000),
    );
    const refused = { name: 'Unavailable', code: 'DEPENDENCY_UNAVAILABLE', retryAfterSeconds: 1 };
    await expect(callAs('order', port, order, { by })).rejects.toMatchObject({
      ...refused,
      message: 'the token of order is for another time',
    });
  });

  test('docs/attacks.md 37: a certificate of another authority, or none, makes no connection', async () => {
    const port = await serve(store);
    const theirs = authorityIn(directory, 'theirs').certify('order');
    await expect(callAs('order', port, { ...theirs, ca: order.ca })).rejects.toEqual(unavailable);
    await expect(callAs('order', port, undefined)).rejects.toEqual(unavailable);
  });

  test('docs/attacks.md 37: a process at the address of another service is not called, also with a valid certificate', async () => {
    await expect(callAs('order', await serve(order), order)).rejects.toEqual(unavailable);
    await expect(callAs('order', await serve(undefined), order)).rejects.toEqual(unavailable);
    const theirs = authorityIn(directory, 'others').certify('store');
    await expect(callAs('order', await serve({ ...theirs, ca: order.ca }), order)).rejects.toEqual(unavailable);
  });

  test('docs/attacks.md 37: a connection that shows no certificate makes no call where each has to show one', async () => {
    const port = await serve(undefined, true);
    await expect(callAs('order', port, undefined)).rejects.toThrow('UNAUTHENTICATED');
  });

  test('docs/attacks.md 37: a connection that says nothing is closed', async () => {
    const socket = connect(await serve(store), '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'close');
  });

  test('a file that cannot be read or used is named at the start', () => {
    expect(() => grpcCredentials({ ...order, key: '/nonexistent' })).toThrow('GRPC_KEY cannot be read');
  });
});
