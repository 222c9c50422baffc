import { credentials, ServerCredentials } from '@grpc/grpc-js';
import pino from 'pino';
import type { CouponService } from '../../src/contexts/coupon/api.ts';
import { couponContext } from '../../src/contexts/coupon/module.ts';
import { staticAddresses } from '../../src/platform/grpc/addresses.ts';
import { dial } from '../../src/platform/grpc/dial.ts';
import { serveGrpc } from '../../src/platform/grpc/serve.ts';

/** Serves a shard of coupon by gRPC as a version did that did not have these operations, for a gateway of this version. */
export async function earlierShard(shard: CouponService, missing: readonly (keyof CouponService)[]) {
  const contract = await couponContext.contract();
  const methods = Object.entries(contract.methods).filter(([name]) => !missing.includes(name as keyof CouponService));
  const server = await serveGrpc({
    services: [{ contract: { ...contract, methods: Object.fromEntries(methods) }, api: shard }],
    host: '127.0.0.1',
    port: 0,
    credentials: ServerCredentials.createInsecure(),
    isMutual: false,
    denies: () => undefined,
    isPrincipal: () => true,
    log: pino({ level: 'silent' }),
  });
  const dialled = dial(contract, {
    addresses: staticAddresses([`127.0.0.1:${server.port}`]),
    credentials: credentials.createInsecure(),
  });
  return {
    api: dialled.apiFor({ token: () => 'any' }) as unknown as CouponService,
    async close() {
      dialled.close();
      await server.stop(500);
    },
  };
}
