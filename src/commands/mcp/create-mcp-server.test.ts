import { Client } from '@modelcontextprotocol/client';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { expect, onTestFinished, test } from 'vitest';
import type { Api } from '../remote/api.ts';
import { createMcpServer } from './create-mcp-server.ts';
import { TOOLS } from './tools.ts';

interface Called {
  readonly method: string;
  readonly path: string;
  readonly sent: unknown;
}

async function client(allowWrites: boolean): Promise<{ readonly tools: Client; readonly calls: readonly Called[] }> {
  const calls: Called[] = [];
  const api: Api = {
    url: new URL('https://shop.example'),
    async call(method, path, sent) {
      calls.push({ method, path, sent });
      return Response.json({ policies: [], nextCursor: null });
    },
  };
  const [near, far] = InMemoryTransport.createLinkedPair();
  const tools = new Client({ name: 'test', version: '1.0.0' });
  await createMcpServer(api, allowWrites).connect(far);
  await tools.connect(near);
  onTestFinished(() => tools.close());
  return { tools, calls };
}

test('tools that change something are offered where writes are allowed, and say that they do', async () => {
  const namesOf = async (allowWrites: boolean) => {
    const { tools } = await (await client(allowWrites)).tools.listTools();
    return tools.map(({ name, annotations }) => ({ name, writes: annotations?.readOnlyHint !== true }));
  };
  const all = TOOLS.map(({ name, writes }) => ({ name, writes }));
  expect(await namesOf(true)).toEqual(all);
  expect(await namesOf(false)).toEqual(all.filter(({ writes }) => !writes));
});

test('every tool that only reads sends GET', () => {
  expect(TOOLS.filter(({ writes, verb }) => writes === (verb.method === 'GET')).map(({ name }) => name)).toEqual([]);
});

test('the arguments of a tool become the path, the query and the page', async () => {
  const { tools, calls } = await client(false);
  await tools.callTool({
    name: 'list_policy_coupons',
    arguments: { id: '7/8', status: 'USED', limit: 5, cursor: 'x' },
  });
  expect(calls).toEqual([
    {
      method: 'GET',
      path: '/api/v1/coupon-policies/7%2F8/coupons',
      sent: { query: { status: 'USED', limit: '5', cursor: 'x' }, asUser: undefined },
    },
  ]);
});
