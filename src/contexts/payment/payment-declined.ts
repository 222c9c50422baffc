import type { COMMON_REFUSALS } from '../../platform/kernel/common-refusals.ts';
import { asOneLine } from '../../platform/kernel/one-line.ts';
import { refuseFrom } from '../../platform/kernel/refuse.ts';

const refuse = refuseFrom<typeof COMMON_REFUSALS>();

/** The refusal for a declined payment, with the provider's reason. */
export const paymentDeclined = (reason: string) => refuse('PAYMENT_DECLINED', { reason: asOneLine(reason) });
