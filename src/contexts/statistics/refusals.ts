import { refuseFrom } from '../../platform/kernel/refuse.ts';
import type { COUPON_REFUSALS } from '../coupon/api.ts';
import type { STORE_REFUSALS } from '../store/api.ts';

/** Makes a refusal of this context. It has no codes of its own, but those of the contexts that own policies and stores. */
export const refuse = refuseFrom<
  Pick<typeof COUPON_REFUSALS, 'POLICY_NOT_FOUND'> & Pick<typeof STORE_REFUSALS, 'STORE_NOT_FOUND'>
>();
