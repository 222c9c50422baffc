import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Answer, call, until } from '../attacks/support.ts';
import { type ServerProcess, startServe, temporaryDir } from '../support/serve.ts';

const ADMIN = { email: 'admin@example.com', password: 'correct horse battery' };
const ENV = {
  STAMPEDE_ADMIN_EMAIL: ADMIN.email,
  STAMPEDE_ADMIN_PASSWORD: ADMIN.password,
  STAMPEDE_SANDBOX_PAYMENTS: 'delay:3',
};
const Login = z.object({ accessToken: z.string() });

const open: { end(name: NodeJS.Signals): Promise<unknown> }[] = [];
const dir = temporaryDir();
afterEach(async () => {
  for (const server of open.splice(0)) await server.end('SIGTERM');
  await dir.remove();
});

async function serve(): Promise<ServerProcess> {
  const server = await startServe({ dataDir: dir.path, env: ENV });
  open.push(server);
  return server;
}

describe('a first start', () => {
  it('a server that was killed before the report of an external payment gets it after a restart', async () => {
    const first = await serve();
    const { accessToken } = Login.parse((await call(first.url, 'POST', '/api/v1/auth/login', { json: ADMIN })).body);
    const ask = ({ url }: ServerProcess, method: string, path: string, json?: unknown): Promise<Answer> =>
      call(url, method, `/api/v1/${path}`, {
        token: accessToken,
        ...(json === undefined ? {} : { json }),
        headers: { 'idempotency-key': path },
      });
    const product = await ask(first, 'POST', 'products', { name: 'Tea', price: 5_000, stock: 10 });
    const items = [{ productId: product.body.productId, quantity: 2 }];
    const { orderId } = (await ask(first, 'POST', 'orders', { items })).body;
    const paid = await ask(first, 'POST', 'payments', { orderId, method: 'EXTERNAL' });
    expect([paid.status, paid.body]).toMatchObject([201, { status: 'PENDING', order: { status: 'RESERVED' } }]);
    expect(paid.body.providerUrl.startsWith(`${first.url}/sandbox/payments/`)).toBe(true);
    open.pop();
    await first.end('SIGKILL');

    const second = await serve();
    await until(async () => (await ask(second, 'GET', `orders/${orderId}`)).body.status === 'PAID');
    expect((await ask(second, 'GET', `products/${items[0]?.productId}`)).body).toMatchObject({
      stock: 8,
      reservedStock: 0,
      soldCount: 2,
    });
  });
});
