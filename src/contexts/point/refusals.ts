import type { Refusal, RefusalTable } from '../../platform/kernel/refusal.ts';
import { type RefusalCode, refuseFrom } from '../../platform/kernel/refuse.ts';

/** The refusals that only this context declares: status for HTTP and gRPC, details, and texts. */
export const POINT_REFUSALS = {
  INSUFFICIENT_POINTS: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    details: { available: 'string' },
    en: { title: 'Not enough points', detail: '{available} points are available.' },
    ko: { title: '포인트가 부족합니다', detail: '사용할 수 있는 포인트는 {available}입니다.' },
  },
  POINT_LIMIT_EXCEEDED: {
    http: 422,
    grpc: 'FAILED_PRECONDITION',
    details: { balance: 'string', limit: 'number' },
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
    details: { reason: 'string' },
    en: { title: "Conflicts with the order's points", detail: '{reason}' },
    ko: {
      title: '주문의 포인트와 충돌합니다',
      detail: '이 주문의 포인트 상태 때문에 처리할 수 없습니다. 주문을 확인하세요.',
    },
  },
} as const satisfies RefusalTable;

export type PointRefusalCode = RefusalCode<typeof POINT_REFUSALS>;
export type PointRefusal = Refusal<PointRefusalCode>;

/** Makes a refusal of this context. */
export const refuse = refuseFrom<typeof POINT_REFUSALS>();
