import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { openTemporaryDir } from '../../../test/support/open-temporary-dir.ts';
import type { Api } from './api.ts';
import { ApiRefusal, problemOf } from './problem.ts';
import { type SessionFile, sessionFile } from './saved-sessions.ts';
import { sessionToken, toSavedSession } from './session-tokens.ts';

const url = new URL('https://shop.example');

/** A session whose token has ended. */
function endedSession(): SessionFile {
  const path = openTemporaryDir('stampede-sessions-');
  onTestFinished(() => rmSync(path, { recursive: true }));
  const file = sessionFile({ XDG_CONFIG_HOME: path });
  file.save(url.origin, { email: 'a@shop.example', accessToken: 'old', refreshToken: 'first', renewAtMs: 0 });
  return file;
}

/** A server on which each refresh token is valid once. */
function server(): { readonly api: Api; readonly used: readonly unknown[] } {
  const used: unknown[] = [];
  const api: Api = {
    url,
    async call(_method, _path, { json } = {}) {
      const { refreshToken } = json as { refreshToken: string };
      if (used.includes(refreshToken)) throw refusal(401);
      used.push(refreshToken);
      await new Promise(setImmediate);
      return Response.json({
        accessToken: `access ${used.length}`,
        refreshToken: `refresh ${used.length}`,
        expiresIn: 900,
      });
    },
  };
  return { api, used };
}

const refusal = (status: number): ApiRefusal =>
  problemOf(new Response(), { title: 'No', detail: 'No.', code: 'UNAUTHENTICATED', status });

test('an ended token is exchanged once for everybody who needs it at the same time', async () => {
  const file = endedSession();
  const { api, used } = server();
  const tokens = await Promise.all(Array.from({ length: 5 }, () => sessionToken(file, api)));
  expect(new Set(tokens)).toEqual(new Set(['access 1']));
  expect(used).toEqual(['first']);
  expect(file.find(url.origin)).toMatchObject({ email: 'a@shop.example', refreshToken: 'refresh 1' });
});

test('a session that the server has ended is forgotten', async () => {
  const file = endedSession();
  const { api } = server();
  await api.call('POST', '/api/v1/auth/refresh', { json: { refreshToken: 'first' } });
  await expect(sessionToken(file, api)).rejects.toThrow('The session at https://shop.example has ended.');
  expect(file.find(url.origin)).toBeUndefined();
});

test('a session stays when the server is busy', async () => {
  const file = endedSession();
  const busy: Api = { url, call: () => Promise.reject(refusal(503)) };
  await expect(sessionToken(file, busy)).rejects.toThrow(ApiRefusal);
  expect(file.find(url.origin)?.refreshToken).toBe('first');
});

test('a token is exchanged 30 s before its end, and a short one after half of its life', () => {
  const renewAtMs = (expiresIn: number): number =>
    toSavedSession('', { accessToken: 'a', refreshToken: 'r', expiresIn }, 1_000).renewAtMs;
  expect([renewAtMs(900), renewAtMs(10)]).toEqual([871_000, 6_000]);
});
