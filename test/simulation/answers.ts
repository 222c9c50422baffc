import type {
  OrderResponse,
  PaymentResponse,
  PlaceOrderRequest,
  RefundResponse,
} from '../../src/contexts/order/api.ts';
import type { ChargeResponse, TransactionResponse } from '../../src/contexts/point/api.ts';

/** A response to a customer, with the time of the request. */
interface Told<Answer> {
  readonly key: string;
  readonly atStep: number;
  readonly answer: NonNullable<Answer>;
}
type Outcome<Response extends { outcome?: unknown }> = Told<Response['outcome']>;

/** All responses. At the end each of them must be true. */
export interface Answers {
  readonly placed: (Outcome<OrderResponse> & { readonly request: PlaceOrderRequest })[];
  readonly paid: (Outcome<PaymentResponse> & { readonly orderId: bigint })[];
  readonly cancelled: (Outcome<OrderResponse> & { readonly orderId: bigint })[];
  readonly charged: (Outcome<TransactionResponse> & { readonly userId: bigint })[];
  readonly paidCharges: (Outcome<ChargeResponse> & { readonly userId: bigint })[];
  readonly refunded: (Outcome<RefundResponse> & { readonly orderId: bigint })[];
}

export const noAnswers = (): Answers => ({
  placed: [],
  paid: [],
  cancelled: [],
  charged: [],
  paidCharges: [],
  refunded: [],
});
