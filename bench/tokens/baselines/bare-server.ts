// Fastify with the check of a token by jose and nothing else: what every server with tokens of another issuer has to do. Prints its address.

import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { env } from '../../issue/baselines/serve.ts';
import { AUDIENCE, BENCH_ALGORITHMS } from '../issuer.ts';

const issuer = env('BENCH_ISSUER');
const keys = createLocalJWKSet((await (await fetch(`${issuer}/jwks`)).json()) as never);
const app = Fastify({ logger: false });
app.post('/api/v1/coupons/policies/:policyId/issue', async (request, reply) => {
  const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
  const { payload } = await jwtVerify(token, keys, { issuer, audience: AUDIENCE, algorithms: [...BENCH_ALGORITHMS] });
  reply.code(201);
  return { userId: payload.sub };
});
await app.listen({ host: '127.0.0.1', port: 0, backlog: 4096 });
console.log(JSON.stringify({ url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` }));
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)));
