import { createPublicKey } from 'node:crypto';
import { principalCheck, principalKey, principalSigner } from '../../src/platform/grpc/principal-tokens.ts';
import { callClockOf } from './call-clock.ts';

const KEY = principalKey('the secret by which a test names principals');
/** Names principals as the gateway does. */
export const signPrincipal = principalSigner(KEY, Date.now);
export const isPrincipal = principalCheck([createPublicKey(KEY)], callClockOf(Date.now));
