/** Serves the coupon context with its facts. Arguments: the URL of its database. Prints the port. */
import { ServerCredentials } from '@grpc/grpc-js';
import { servedFacts } from '../../src/app/remote/coupon-facts.ts';
import { couponContext } from '../../src/contexts/coupon/module.ts';
import { serveGrpc } from '../../src/platform/grpc/serve.ts';
import { openCoupons } from './coupons.ts';

const { module, log } = openCoupons(process.argv[2] ?? '', 2);
const { port } = await serveGrpc({
  services: [{ contract: await couponContext.contract(), api: module.api }],
  streams: [servedFacts(module.facts)],
  host: '127.0.0.1',
  port: 0,
  credentials: ServerCredentials.createInsecure(),
  isMutual: false,
  denies: () => undefined,
  isPrincipal: () => true,
  log,
});
console.log(port);
