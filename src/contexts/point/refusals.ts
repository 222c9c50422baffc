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
    details: { balance: 'number', limit: 'number' },
    en: { title: 'Too many points', detail: 'The balance is {balance}; a charge may not raise it above {limit}.' },
    ko: {
      title: '포인트 보유 한도를 초과합니다',
      detail: '현재 잔액은 {balance}이며, 충전 후 잔액은 {limit}을(를) 넘을 수 없습니다.',
    },
  },
  PAYMENT_PROVIDER_REQUIRED: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    en: {
      title: 'There is no payment provider',
      detail:
        'Points are paid for through a payment provider, and this system has none. An administrator can charge points instead.',
    },
    ko: {
      title: '결제사가 설정되어 있지 않습니다',
      detail: '포인트 충전은 결제사를 통해 결제해야 하지만 설정된 결제사가 없습니다. 관리자에게 충전을 요청하세요.',
    },
  },
  OPEN_CHARGE_LIMIT_EXCEEDED: {
    http: 409,
    grpc: 'RESOURCE_EXHAUSTED',
    details: { limit: 'number' },
    en: {
      title: 'Too many unpaid charges',
      detail: 'Pay one first, or wait until one has ended: a user may have {limit} unpaid charges.',
    },
    ko: {
      title: '미결제 충전이 너무 많습니다',
      detail: '미결제 충전은 최대 {limit}건입니다. 먼저 결제하거나 만료될 때까지 기다리세요.',
    },
  },
  CHARGE_EXPIRED: {
    http: 410,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'The charge has ended', detail: 'It was not paid in time. Charge again with a new key.' },
    ko: { title: '충전 시간이 만료되었습니다', detail: '제한 시간 안에 결제되지 않았습니다. 새 키로 다시 충전하세요.' },
  },
  CHARGE_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'Charge not found', detail: 'There is no charge of points with this id.' },
    ko: { title: '충전을 찾을 수 없습니다', detail: '해당 ID의 포인트 충전이 없습니다.' },
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
