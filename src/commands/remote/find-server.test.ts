import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { openTemporaryDir } from '../../../test/support/open-temporary-dir.ts';
import { StartError, UsageError } from '../../platform/kernel/start-error.ts';
import { findServer, findServerUrl } from './find-server.ts';
import { type SessionFile, sessionFile } from './saved-sessions.ts';

const URL_A = 'https://a.example';
const SESSION = { email: 'a@shop.example', accessToken: 'a', refreshToken: 'r', renewAtMs: 0 };

function noSessions(): SessionFile {
  const path = openTemporaryDir('stampede-sessions-');
  onTestFinished(() => rmSync(path, { recursive: true }));
  return sessionFile({ XDG_CONFIG_HOME: path });
}

test('options stand before variables, and both before a session', async () => {
  const sessions = noSessions();
  sessions.save('https://other.example', SESSION);
  const env = { STAMPEDE_URL: 'https://b.example', STAMPEDE_API_KEY: 'of the variable' };
  const found = await findServer({ url: `${URL_A}/api/`, apiKey: 'of the option' }, env, sessions);
  expect(found.url.href).toBe('https://a.example/');
  expect(found.credential).toEqual({ kind: 'API_KEY', apiKey: 'of the option' });
  expect((await findServer({}, env, sessions)).url.host).toBe('b.example');
});

test('an access token stands before a session, and behind an API key', async () => {
  const sessions = noSessions();
  sessions.save(URL_A, SESSION);
  const env = { STAMPEDE_URL: URL_A, STAMPEDE_ACCESS_TOKEN: 'a.b.c' };
  expect((await findServer({}, env, sessions)).credential).toEqual({ kind: 'TOKEN', accessToken: 'a.b.c' });
  const withKey = await findServer({}, { ...env, STAMPEDE_API_KEY: 'key' }, sessions);
  expect(withKey.credential).toEqual({ kind: 'API_KEY', apiKey: 'key' });
});

test('without an address the server of the last log-in is called', async () => {
  const sessions = noSessions();
  sessions.save(URL_A, SESSION);
  sessions.save('https://b.example', SESSION);
  sessions.replace(URL_A, SESSION);
  expect(await findServer({}, {}, sessions)).toEqual({
    url: new URL('https://b.example'),
    credential: { kind: 'SESSION' },
  });
  sessions.remove('https://b.example');
  expect(sessions.current()).toBeUndefined();
  expect((await findServer({ url: URL_A }, {}, sessions)).credential).toEqual({ kind: 'SESSION' });
});

test('the session of a server is not used for another one', async () => {
  const sessions = noSessions();
  sessions.save(URL_A, SESSION);
  await expect(findServer({ url: 'https://evil.example' }, {}, sessions)).rejects.toThrow(StartError);
  const signed = await findServer({ url: 'https://evil.example' }, { JWT_SECRET: 's' }, sessions);
  expect(signed.credential).toEqual({ kind: 'SIGNED', jwtSecrets: ['s'] });
});

test('without a server here and without a session the message names both ways on', async () => {
  const env = { STAMPEDE_DATA_DIR: openTemporaryDir('stampede-data-') };
  onTestFinished(() => rmSync(env.STAMPEDE_DATA_DIR, { recursive: true }));
  for (const find of [findServer, findServerUrl]) {
    await expect(find({}, env, noSessions())).rejects.toThrow(/Nothing runs here\. Start it .+ serve\n.+ login --url /);
  }
});

test('an address that is none is an error of usage', async () => {
  const sessions = noSessions();
  for (const url of ['shop.example', 'ftp://shop.example', 'https://user:password@shop.example']) {
    await expect(findServer({ url }, {}, sessions)).rejects.toThrow(UsageError);
  }
  await expect(findServer({}, { STAMPEDE_URL: 'shop.example' }, sessions)).rejects.toThrow('STAMPEDE_URL must be');
});
