import type {
  OrderResponse,
  PaymentResponse,
  PlaceOrderRequest,
  RefundResponse,
} from '../../src/contexts/order/api.ts';
import type { TransactionResponse } from '../../src/contexts/point/api.ts';

/** What a customer was answered, and when they asked. */
interface Told<Answer> {
  readonly key: string;
  readonly atStep: number;
  readonly answer: NonNullable<Answer>;
}
type Outcome<Response extends { outcome?: unknown }> = Told<Response['outcome']>;

/** Every answer that somebody got. At the end all of it has to be true. */
export interface Answers {
  readonly placed: (Outcome<OrderResponse> & { readonly request: PlaceOrderRequest })[];
  readonly paid: (Outcome<PaymentResponse> & { readonly orderId: bigint })[];
  readonly cancelled: (Outcome<OrderResponse> & { readonly orderId: bigint })[];
  readonly charged: (Outcome<TransactionResponse> & { readonly userId: bigint })[];
  readonly refunded: (Outcome<RefundResponse> & { readonly orderId: bigint })[];
}

export const noAnswers = (): Answers => ({ placed: [], paid: [], cancelled: [], charged: [], refunded: [] });
