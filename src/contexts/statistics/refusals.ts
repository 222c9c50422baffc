import { refuseFrom } from '../../platform/kernel/refuse.ts';
import type { COUPON_REFUSALS } from '../coupon/api.ts';

/** Makes a refusal of this context. About policies it has no codes of its own, but that of the context that owns them. */
export const refuse = refuseFrom<Pick<typeof COUPON_REFUSALS, 'POLICY_NOT_FOUND'>>();
