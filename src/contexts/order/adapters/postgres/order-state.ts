import { group, millis } from '../../../../platform/postgres/mapped-fields.ts';
import type { Ending, OrderState } from '../../domain/order.ts';
import { orders } from './schema.ts';

/** The columns of an order's state. */
interface StateColumns {
  readonly status: typeof orders.$inferSelect.status;
  readonly step: typeof orders.$inferSelect.step;
  readonly ending: Ending['status'] | null;
  readonly refusalCode: string | null;
  readonly refusalDetails: Readonly<Record<string, string>> | null;
  readonly paymentId: bigint | null;
  readonly paidAtMs: number | null;
  readonly endedAtMs: number | null;
}

export const orderState = group(
  {
    status: orders.status,
    step: orders.step,
    ending: orders.ending,
    refusalCode: orders.refusalCode,
    refusalDetails: orders.refusalDetails,
    paymentId: orders.paymentId,
    paidAtMs: millis(orders.paidAt),
    endedAtMs: millis(orders.endedAt),
  },
  toState,
  stateColumns,
);

function toState(columns: StateColumns): OrderState {
  const { status, step, ending, paymentId, paidAtMs, endedAtMs } = columns;
  switch (status) {
    case 'PENDING':
    case 'RESERVED':
      if (ending !== null && isReleasing(step))
        return { status: 'ENDING', step, was: status, ending: toEnding(columns) };
      if (ending !== null) break;
      if (status === 'PENDING' && isPlacing(step)) return { status, step };
      if (status === 'RESERVED' && step === null) return { status, step };
      if (status === 'RESERVED' && isPaying(step) && paymentId !== null) return { status, step, paymentId };
      break;
    case 'PAID':
    case 'REFUNDED':
      if (paymentId !== null && paidAtMs !== null) return { status, step: null, paymentId, paidAtMs };
      break;
    case ending:
      if (endedAtMs !== null) return { status: 'ENDED', step: null, ending: toEnding(columns), endedAtMs };
      break;
    default:
  }
  throw new Error(`an order has an unknown state: ${status} ${step}`);
}

const isPlacing = (step: string | null) => step === 'RESERVE_COUPON' || step === 'HOLD_POINTS';
const isPaying = (step: string | null) =>
  step === 'TAKE_MONEY' || step === 'CONFIRM_COUPON' || step === 'CAPTURE_POINTS';
const isReleasing = (step: string | null) => step === 'RELEASE_POINTS' || step === 'RELEASE_COUPON';

function toEnding({ ending, refusalCode: code, refusalDetails }: StateColumns): Ending {
  if (ending === 'CANCELLED' || ending === 'EXPIRED') return { status: ending };
  if (ending === 'FAILED' && code !== null) return { status: ending, refusal: { code, details: refusalDetails ?? {} } };
  throw new Error(`an order has an unknown ending: ${ending}`);
}

const NONE = {
  ending: null,
  refusalCode: null,
  refusalDetails: null,
  paymentId: null,
  paidAtMs: null,
  endedAtMs: null,
};

/** An ending order is stored with the status that readers see. */
function stateColumns(state: OrderState): StateColumns {
  const { step } = state;
  switch (state.status) {
    case 'PENDING':
      return { ...NONE, status: state.status, step };
    case 'RESERVED':
      return { ...NONE, status: state.status, step, paymentId: state.step === null ? null : state.paymentId };
    case 'PAID':
    case 'REFUNDED':
      return { ...NONE, status: state.status, step, paymentId: state.paymentId, paidAtMs: state.paidAtMs };
    case 'ENDING':
    case 'ENDED': {
      const { ending } = state;
      const refusal = ending.status === 'FAILED' ? ending.refusal : null;
      const [refusalCode, refusalDetails] = [refusal?.code ?? null, refusal?.details ?? null];
      const ended = { ...NONE, step, ending: ending.status, refusalCode, refusalDetails };
      return state.status === 'ENDING'
        ? { ...ended, status: state.was }
        : { ...ended, status: ending.status, endedAtMs: state.endedAtMs };
    }
  }
}
