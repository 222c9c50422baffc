/** All that other code may import of the point context. */
import type { RefusalTable } from '../../platform/kernel/refusal.ts';

/** Coders of the responses that are stored with an idempotency key (buf.gen.yaml). */
export * as stored from '../../gen/stored/stampede/point/v1/point.ts';
export type * from '../../gen/types/stampede/point/v1/point.ts';
export { AMOUNT_MAX, ORDER_ID_MAX, REASON_MAX } from './domain/limits.ts';

/** Every code this context refuses with, its status at both edges, and what people read. */
export const POINT_REFUSALS = {
  INSUFFICIENT_POINTS: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'Not enough points', detail: '{available} points are available.' },
    ko: { title: '포인트가 부족합니다', detail: '사용할 수 있는 포인트는 {available}입니다.' },
  },
  POINT_LIMIT_EXCEEDED: {
    http: 422,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'Too many points', detail: 'The balance is {balance}; a charge may not raise it above {limit}.' },
    ko: {
      title: '포인트 보유 한도를 초과합니다',
      detail: '현재 잔액은 {balance}이며, 충전 후 잔액은 {limit}을(를) 넘을 수 없습니다.',
    },
  },
  POINT_TRANSACTION_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'Transaction not found', detail: 'There is no point transaction with this id.' },
    ko: { title: '포인트 거래를 찾을 수 없습니다', detail: '해당 ID의 포인트 거래가 없습니다.' },
  },
  HOLD_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'No points are held', detail: 'This order holds no points.' },
    ko: { title: '보류된 포인트가 없습니다', detail: '이 주문에 보류된 포인트가 없습니다.' },
  },
  HOLD_CONFLICT: {
    http: 409,
    grpc: 'ABORTED',
    en: { title: "Conflicts with the order's points", detail: '{reason}' },
    ko: {
      title: '주문의 포인트와 충돌합니다',
      detail: '이 주문의 포인트 상태 때문에 처리할 수 없습니다. 주문을 확인하세요.',
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

export type PointRefusalCode = keyof typeof POINT_REFUSALS;
