import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { accessTokens, validFor } from '../../src/platform/http/access-token.ts';
import { policyBody } from '../attacks/support.ts';
import { type ServerProcess, startServe, temporaryDir } from '../support/serve.ts';

const PROGRAM = resolve('bin/stampede.js');
const JWT_SECRET = 'only the tests of assistants know of this one';
const READS = [
  'list_policies',
  'get_policy',
  'get_policy_stock',
  'get_policy_statistics',
  'list_policy_coupons',
  'get_coupon',
  'list_user_coupons',
  'list_stores',
  'get_store_statistics',
  'list_daily_statistics',
  'list_audit_log',
];
const WRITES = ['create_policy', 'activate_policy', 'pause_policy', 'issue_coupons'];
const dir = temporaryDir();
let server: ServerProcess;
let key: string;
let policyId: string;
beforeAll(async () => {
  server = await startServe({ dataDir: dir.path, env: { JWT_SECRET } });
  policyId = await post(
    'coupon-policies',
    policyBody({ distributionType: 'DIRECT', maxIssueCount: 5 }),
    'couponPolicyId',
  );
  key = await createKey(['policies:read', 'coupons:read', 'coupons:issue']);
});
afterAll(async () => {
  await server.end('SIGTERM');
  await dir.remove();
});

async function post(path: string, body: object, member: string): Promise<string> {
  const token = accessTokens(JWT_SECRET, Date.now).sign({ sub: '1', role: 'ADMIN', ...validFor(600, Date.now()) });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(`${server.url}/api/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return ((await response.json()) as Readonly<Record<string, string>>)[member] ?? '';
}
const createKey = (scopes: readonly string[]): Promise<string> =>
  post('auth/api-keys', { name: 'an assistant', scopes }, 'secret');

/** An assistant that has started the program. */
async function assistant(...args: string[]): Promise<Client> {
  const env = { PATH: process.env['PATH'] ?? '', STAMPEDE_URL: server.url, STAMPEDE_API_KEY: key };
  return connected(new StdioClientTransport({ command: process.execPath, args: [PROGRAM, 'mcp', ...args], env }));
}

async function connected(transport: StdioClientTransport | StreamableHTTPClientTransport): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return client;
}

const toolsOf = async (client: Client) => (await client.listTools()).tools;
const textOf = ({ content }: Awaited<ReturnType<Client['callTool']>>): string =>
  content[0]?.type === 'text' ? content[0].text : '';

describe('tools over the standard input', () => {
  test('an assistant gets tools that read, and others only where writes are allowed', async () => {
    const reading = await toolsOf(await assistant());
    expect(reading.map(({ name }) => name)).toEqual(READS);
    expect(reading.every(({ annotations }) => annotations?.readOnlyHint === true)).toBe(true);
    const writing = await toolsOf(await assistant('--allow-writes'));
    expect(writing.map(({ name }) => name)).toEqual([...READS, ...WRITES]);
    expect(writing.filter(({ annotations }) => annotations?.readOnlyHint !== true).map(({ name }) => name)).toEqual(
      WRITES,
    );
  });

  test('a tool that is not offered cannot be called', async () => {
    const client = await assistant();
    const input = { couponPolicyId: policyId, userIds: ['11'], issuedBy: 'an assistant' };
    await expect(client.callTool({ name: 'issue_coupons', arguments: input })).rejects.toThrow('not found');
    expect(
      (await client.callTool({ name: 'get_policy_stock', arguments: { policyId } })).structuredContent,
    ).toMatchObject({ remainingStock: 5 });
  });

  test('coupons that an assistant issues are there, and what its key may not do is a result with the reason', async () => {
    const client = await assistant('--allow-writes');
    const input = { couponPolicyId: policyId, userIds: ['21', '22'], issuedBy: 'an assistant' };
    const issued = await client.callTool({ name: 'issue_coupons', arguments: input });
    expect(issued.structuredContent).toMatchObject({ successCount: 2 });
    const listed = await client.callTool({ name: 'list_user_coupons', arguments: { userId: '21', limit: 1 } });
    expect(JSON.parse(textOf(listed)).coupons).toMatchObject([{ couponPolicyId: policyId }]);
    const refused = await client.callTool({ name: 'pause_policy', arguments: { id: policyId } });
    expect([refused.isError, textOf(refused)]).toEqual([true, expect.stringContaining('SCOPE_MISSING')]);
  });

  test('a tool takes no member that the API does not have, such as a file of this machine', async () => {
    const client = await assistant('--allow-writes');
    const refused = await client.callTool({ name: 'create_policy', arguments: { file: '/etc/hostname' } });
    expect([refused.isError, textOf(refused)]).toEqual([true, expect.stringContaining('Unrecognized key: "file"')]);
  });
});

describe('tools over HTTP', () => {
  let child: ChildProcess;
  let url: URL;
  beforeAll(async () => {
    // Its own credential must not serve those who reach the port.
    const env = { PATH: process.env['PATH'], STAMPEDE_URL: server.url, STAMPEDE_API_KEY: key };
    const args = [PROGRAM, 'mcp', '--http', '0', '--allow-writes'];
    child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface({ input: child.stdout ?? process.stdin }), 'line')) as [string];
    url = new URL(line.split(' at ')[1] ?? '');
  });
  afterAll(async () => {
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(0);
  });

  const post = (headers: Readonly<Record<string, string>>) =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{}' });

  test('each request is done with the credential that it brings', async () => {
    const other = await createKey(['coupons:read']);
    const requestInit = { headers: { 'x-api-key': other } };
    const client = await connected(new StreamableHTTPClientTransport(url, { requestInit }));
    expect((await toolsOf(client)).map(({ name }) => name)).toEqual([...READS, ...WRITES]);
    const refused = await client.callTool({ name: 'list_policy_coupons', arguments: { id: policyId } });
    expect([refused.isError, textOf(refused)]).toEqual([true, expect.stringContaining('the scope policies:read')]);
    const stock = await client.callTool({ name: 'get_policy_stock', arguments: { policyId } });
    expect(stock.structuredContent).toMatchObject({ couponPolicyId: policyId });
  });

  test('a request without a credential, and one of a page of another site, are refused', async () => {
    expect((await post({})).status).toBe(401);
    expect((await post({ 'x-api-key': key, origin: 'https://evil.example' })).status).toBe(403);
  });
});
