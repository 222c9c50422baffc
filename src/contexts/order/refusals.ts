import type { Refusal, RefusalTable } from '../../platform/kernel/refusal.ts';
import { type RefusalCode, refuseFrom } from '../../platform/kernel/refuse.ts';

/** The refusals that only this context declares: status for HTTP and gRPC, details, and texts. */
export const ORDER_REFUSALS = {
  PRODUCT_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    details: { productId: 'string?' },
    en: { title: 'Product not found', detail: 'There is no product with this id.' },
    ko: { title: '상품을 찾을 수 없습니다', detail: '해당 ID의 상품이 없습니다.' },
  },
  TIME_SALE_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    details: { timeSaleId: 'string?' },
    en: { title: 'Time sale not found', detail: 'There is no time sale with this id.' },
    ko: { title: '타임세일을 찾을 수 없습니다', detail: '해당 ID의 타임세일이 없습니다.' },
  },
  PAYMENT_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'Payment not found', detail: 'There is no payment with this id.' },
    ko: { title: '결제를 찾을 수 없습니다', detail: '해당 ID의 결제가 없습니다.' },
  },
  OUT_OF_STOCK: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    details: { productId: 'string', timeSaleId: 'string?' },
    en: { title: 'Out of stock', detail: 'Not so many are left of product {productId}.' },
    ko: { title: '재고가 부족합니다', detail: '상품 {productId}의 재고가 요청 수량보다 적습니다.' },
  },
  TIME_SALE_NOT_ACTIVE: {
    http: 400,
    grpc: 'FAILED_PRECONDITION',
    details: { timeSaleId: 'string', saleStatus: 'string' },
    en: { title: 'Time sale is not open', detail: 'Time sale {timeSaleId} has not begun or is over.' },
    ko: {
      title: '진행 중인 타임세일이 아닙니다',
      detail: '타임세일 {timeSaleId}은(는) 아직 시작되지 않았거나 종료되었습니다.',
    },
  },
  PURCHASE_LIMIT_EXCEEDED: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    details: { timeSaleId: 'string', limit: 'number', bought: 'string' },
    en: { title: 'Purchase limit reached', detail: 'One user may buy {limit} of time sale {timeSaleId}.' },
    ko: {
      title: '구매 한도를 초과했습니다',
      detail: '타임세일 {timeSaleId}은(는) 1인당 {limit}개까지 구매할 수 있습니다.',
    },
  },
  OPEN_ORDER_LIMIT_EXCEEDED: {
    http: 409,
    grpc: 'RESOURCE_EXHAUSTED',
    details: { limit: 'number' },
    en: { title: 'Too many unpaid orders', detail: 'Pay or cancel one first: a user may have {limit} unpaid orders.' },
    ko: {
      title: '미결제 주문이 너무 많습니다',
      detail: '미결제 주문은 최대 {limit}건입니다. 먼저 결제하거나 취소하세요.',
    },
  },
  PRICE_CHANGED: {
    http: 409,
    grpc: 'ABORTED',
    details: { total: 'number' },
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
    details: { expiresAt: 'string' },
    en: { title: 'Order has expired', detail: 'It was held until {expiresAt}. Place it again.' },
    ko: { title: '주문이 만료되었습니다', detail: '{expiresAt}까지 유효했던 주문입니다. 다시 주문하세요.' },
  },
  ORDER_NOT_PAYABLE: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    details: { reason: 'string' },
    en: { title: 'Order can not be paid', detail: 'It does not wait for this payment: {reason}.' },
    ko: {
      title: '결제할 수 없는 주문입니다',
      detail: '결제를 기다리는 주문이 아니거나 다른 결제가 진행되었습니다. 주문 상태를 확인하세요.',
    },
  },
  ORDER_NOT_CANCELLABLE: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    details: { orderStatus: 'string', reason: 'string' },
    en: { title: 'Order can not be cancelled', detail: 'Only one that waits for its payment can: {reason}.' },
    ko: {
      title: '취소할 수 없는 주문입니다',
      detail: '결제를 기다리는 주문만 취소할 수 있습니다. 주문 상태를 확인하세요.',
    },
  },
  ORDER_NOT_REFUNDABLE: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    details: { reason: 'string' },
    en: { title: 'Order can not be refunded', detail: 'Only what is paid for and not refunded yet can: {reason}.' },
    ko: {
      title: '환불할 수 없는 주문입니다',
      detail: '결제된 주문에서 아직 환불되지 않은 수량만 환불할 수 있습니다.',
    },
  },
} as const satisfies RefusalTable;

export type OrderRefusalCode = RefusalCode<typeof ORDER_REFUSALS>;
export type OrderRefusal = Refusal<OrderRefusalCode>;

/** Makes a refusal of this context. */
export const refuse = refuseFrom<typeof ORDER_REFUSALS>();
