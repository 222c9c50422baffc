/** All that other code may import of the order context. */
import type { RefusalTable } from '../../platform/kernel/refusal.ts';

/** Coders of the responses that are stored with an idempotency key (buf.gen.yaml). */
export * as stored from '../../gen/stored/stampede/order/v1/order.ts';
export type * from '../../gen/types/stampede/order/v1/order.ts';
export {
  LINES_MAX,
  MONEY_MAX,
  PRODUCT_DESCRIPTION_MAX,
  PRODUCT_NAME_MAX,
  PROVIDER_REF_MAX,
  QUANTITY_MAX,
  REASON_MAX,
} from './domain/limits.ts';

/** Every code this context refuses with, its status at both edges, and what people read. */
export const ORDER_REFUSALS = {
  PRODUCT_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'Product not found', detail: 'There is no product with this id.' },
    ko: { title: '상품을 찾을 수 없습니다', detail: '해당 ID의 상품이 없습니다.' },
  },
  TIME_SALE_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'Time sale not found', detail: 'There is no time sale with this id.' },
    ko: { title: '타임세일을 찾을 수 없습니다', detail: '해당 ID의 타임세일이 없습니다.' },
  },
  OUT_OF_STOCK: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'Out of stock', detail: 'Not so many are left of product {productId}.' },
    ko: { title: '재고가 부족합니다', detail: '상품 {productId}의 재고가 요청 수량보다 적습니다.' },
  },
  TIME_SALE_NOT_ACTIVE: {
    http: 400,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'Time sale is not open', detail: 'Time sale {timeSaleId} has not begun or is over.' },
    ko: {
      title: '진행 중인 타임세일이 아닙니다',
      detail: '타임세일 {timeSaleId}은(는) 아직 시작되지 않았거나 종료되었습니다.',
    },
  },
  PURCHASE_LIMIT_EXCEEDED: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'Purchase limit reached', detail: 'One user may buy {limit} of time sale {timeSaleId}.' },
    ko: {
      title: '구매 한도를 초과했습니다',
      detail: '타임세일 {timeSaleId}은(는) 1인당 {limit}개까지 구매할 수 있습니다.',
    },
  },
  OPEN_ORDER_LIMIT_EXCEEDED: {
    http: 409,
    grpc: 'RESOURCE_EXHAUSTED',
    en: { title: 'Too many unpaid orders', detail: 'Pay or cancel one first: a user may have {limit} unpaid orders.' },
    ko: {
      title: '미결제 주문이 너무 많습니다',
      detail: '미결제 주문은 최대 {limit}건입니다. 먼저 결제하거나 취소하세요.',
    },
  },
  PRICE_CHANGED: {
    http: 409,
    grpc: 'ABORTED',
    en: { title: 'The price has changed', detail: 'The total is {total} now. Nothing was ordered.' },
    ko: { title: '가격이 변경되었습니다', detail: '현재 결제 금액은 {total}입니다. 주문되지 않았습니다.' },
  },
  ORDER_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'Order not found', detail: 'There is no order with this id.' },
    ko: { title: '주문을 찾을 수 없습니다', detail: '해당 ID의 주문이 없습니다.' },
  },
  ORDER_EXPIRED: {
    http: 410,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'Order has expired', detail: 'It was held until {expiresAt}. Place it again.' },
    ko: { title: '주문이 만료되었습니다', detail: '{expiresAt}까지 유효했던 주문입니다. 다시 주문하세요.' },
  },
  ORDER_NOT_PAYABLE: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'Order can not be paid', detail: 'It does not wait for this payment: {reason}.' },
    ko: {
      title: '결제할 수 없는 주문입니다',
      detail: '결제를 기다리는 주문이 아니거나 다른 결제가 진행되었습니다. 주문 상태를 확인하세요.',
    },
  },
  ORDER_NOT_CANCELLABLE: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'Order can not be cancelled', detail: 'Only one that waits for its payment can: {reason}.' },
    ko: {
      title: '취소할 수 없는 주문입니다',
      detail: '결제를 기다리는 주문만 취소할 수 있습니다. 주문 상태를 확인하세요.',
    },
  },
  ORDER_NOT_REFUNDABLE: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'Order can not be refunded', detail: 'Only what is paid for and not refunded yet can: {reason}.' },
    ko: {
      title: '환불할 수 없는 주문입니다',
      detail: '결제된 주문에서 아직 환불되지 않은 수량만 환불할 수 있습니다.',
    },
  },
  PAYMENT_DECLINED: {
    http: 402,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'Payment was declined', detail: 'The order has ended. What the provider says: {reason}' },
    ko: { title: '결제가 거절되었습니다', detail: '주문이 종료되었습니다. 결제사 메시지: {reason}' },
  },
  PAYMENT_AMOUNT_MISMATCH: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'Another amount was paid', detail: '{paid} came in instead of {total}; it goes back.' },
    ko: { title: '결제 금액이 일치하지 않습니다', detail: '{total} 대신 {paid}이(가) 결제되어 환불됩니다.' },
  },
  OPTIMISTIC_LOCK_FAILURE: {
    http: 409,
    grpc: 'ABORTED',
    en: {
      title: 'Changed by someone else',
      detail: 'The version is {currentVersion} now. Read it again and repeat the change.',
    },
    ko: {
      title: '다른 사용자가 먼저 변경했습니다',
      detail: '현재 버전은 {currentVersion}입니다. 다시 조회한 후 변경하세요.',
    },
  },
  IDEMPOTENCY_KEY_REUSED: {
    http: 422,
    grpc: 'INVALID_ARGUMENT',
    en: { title: 'The key belongs to another request', detail: 'This key was used with other content.' },
    ko: { title: '다른 요청에 사용된 키입니다', detail: '이 키는 다른 내용에 사용되었습니다.' },
  },
  VALIDATION_FAILED: {
    http: 400,
    grpc: 'INVALID_ARGUMENT',
    en: { title: 'Request is not valid', detail: 'See errors for each field.' },
    ko: { title: '요청이 올바르지 않습니다', detail: '각 필드의 오류는 errors를 확인하세요.' },
  },
  FORBIDDEN: {
    http: 403,
    grpc: 'PERMISSION_DENIED',
    en: { title: 'Not allowed', detail: 'This principal may not do that.' },
    ko: { title: '권한이 없습니다', detail: '이 작업을 수행할 권한이 없습니다.' },
  },
} as const satisfies RefusalTable;

export type OrderRefusalCode = keyof typeof ORDER_REFUSALS;
