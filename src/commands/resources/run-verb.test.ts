import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { UsageError } from '../../platform/kernel/start-error.ts';
import { createProgram } from '../program.ts';
import { RESOURCES } from './resources.ts';

let printed: string;
beforeEach(() => {
  printed = '';
  const writing = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  const { exitCode } = process;
  onTestFinished(() => {
    writing.mockRestore();
    process.exitCode = exitCode;
  });
});

/** A server with one response to everything. Returns what it has received. */
async function serve(status: number, response?: string) {
  const bodies: string[] = [];
  const server = createServer(async (request, reply) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    bodies.push(body);
    if (response !== undefined) reply.setHeader('content-type', 'application/json');
    reply.writeHead(status).end(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

const stampede = (url: string, ...args: readonly string[]) =>
  createProgram().parseAsync([...args, '--url', url, '--api-key', 'a key'], { from: 'user' });

/** Options that every command has, or every command of a kind. */
const GLOBAL = ['url', 'apiKey', 'json', 'file', 'limit', 'cursor', 'all', 'asUser', 'help', 'version'];

test('no field of a command has the name of an option that means the same for every command', () => {
  const fields = RESOURCES.flatMap(({ name: resource, verbs }) =>
    verbs.flatMap(({ name: verb, query = [], body = [] }) =>
      [...query, ...body].map(({ name, option = name }) => ({ command: `${resource} ${verb}`, option })),
    ),
  );
  expect(fields.filter(({ option }) => GLOBAL.includes(option))).toEqual([]);
});

test('a webhook gets another url by --receiver-url, and --url names the server', async () => {
  const server = await serve(200, '{"webhookId":"7","url":"https://shop.example/hook"}');
  await stampede(server.url, 'webhooks', 'update', '7', '--receiver-url', 'https://shop.example/hook');
  expect(server.bodies).toEqual(['{"url":"https://shop.example/hook"}']);
  expect(printed).toContain('https://shop.example/hook');
});

test('a policy is changed with the version that was read by --if-version: --version prints that of the program', async () => {
  const server = await serve(200, '{"couponPolicyId":"7"}');
  await stampede(server.url, 'policies', 'update', '7', '--if-version', '3');
  expect(server.bodies).toEqual(['{"version":3}']);
});

test('a change without a member is refused before a credential is sent', async () => {
  const receiver = await serve(204);
  const changing = stampede(receiver.url, 'webhooks', 'update', '7');
  await expect(changing).rejects.toThrow(UsageError);
  await expect(changing).rejects.toThrow('Give at least one of --receiver-url, --topics, --description, --file.');
  expect(receiver.bodies).toEqual([]);
});

test.each([
  ['204', 204, undefined, ['webhooks', 'update', '7', '--topics', '*']],
  ['an object without the id', 200, '{"received":true}', ['webhooks', 'update', '7', '--topics', '*']],
  ['a text', 200, '"ok"', ['webhooks', 'get', '7']],
  ['no JSON', 200, 'ok', ['webhooks', 'get', '7']],
  ['an object instead of 204', 200, '{}', ['webhooks', 'delete', '7']],
  ['a page without the list', 200, '{"nextCursor":null}', ['webhooks', 'list']],
  ['no job', 200, '{}', ['jobs', 'watch', '7']],
])('a success of another server is an error: %s', async (_, status, response, args) => {
  const { url } = await serve(status, response);
  await expect(stampede(url, ...args)).rejects.toThrow(`The server at ${url} is not Stampede`);
  expect(printed).toBe('');
});
