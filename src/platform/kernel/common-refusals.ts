import type { RefusalTable } from './refusal.ts';

/** The codes that every context and the edge may refuse with. */
export const COMMON_REFUSALS = {
  VALIDATION_FAILED: {
    http: 400,
    grpc: 'INVALID_ARGUMENT',
    namesFields: true,
    en: {
      title: 'The request is not valid',
      detail: 'Part of the request could not be understood; `errors` names the fields.',
    },
    ko: {
      title: '요청이 올바르지 않습니다',
      detail: '요청의 일부를 이해할 수 없습니다. `errors`에서 항목을 확인하세요.',
    },
  },
  UNAUTHENTICATED: {
    http: 401,
    grpc: 'UNAUTHENTICATED',
    details: { reason: 'string?' },
    en: {
      title: 'Not authenticated',
      detail:
        'The credential is missing or not accepted; `reason` says why. Send an access token as Authorization: Bearer, or an API key as X-Api-Key.',
    },
    ko: {
      title: '인증되지 않았습니다',
      detail:
        '인증 정보가 없거나 올바르지 않습니다. 이유는 `reason`에 있습니다. 액세스 토큰은 Authorization: Bearer 헤더로, API 키는 X-Api-Key 헤더로 보내세요.',
    },
  },
  FORBIDDEN: {
    http: 403,
    grpc: 'PERMISSION_DENIED',
    en: {
      title: 'Not allowed',
      detail:
        'The role of the caller does not allow this, as some things are for administrators alone, or it is about a user or a store of others. Where a request has `storeId`, an OWNER names one of their own stores by it.',
    },
    ko: {
      title: '권한이 없습니다',
      detail:
        '이 역할로는 할 수 없거나(관리자만 할 수 있는 작업도 있습니다), 다른 사용자 또는 다른 매장의 것입니다. 요청에 `storeId`가 있으면 OWNER는 자신의 매장을 지정해야 합니다.',
    },
  },
  OPTIMISTIC_LOCK_FAILURE: {
    http: 409,
    grpc: 'ABORTED',
    details: { currentVersion: 'number' },
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
    en: { title: 'The key belongs to another request', detail: 'This Idempotency-Key was used with another body.' },
    ko: { title: '다른 요청에 사용된 키입니다', detail: '이 Idempotency-Key는 다른 본문에 사용되었습니다.' },
  },
  RATE_LIMITED: {
    http: 429,
    grpc: 'RESOURCE_EXHAUSTED',
    details: { retryAfterSeconds: 'number' },
    en: { title: 'Too many requests', detail: 'Repeat the request after Retry-After seconds.' },
    ko: { title: '요청이 너무 많습니다', detail: 'Retry-After 초 후 다시 요청하세요.' },
  },
  PAYMENT_DECLINED: {
    http: 402,
    grpc: 'FAILED_PRECONDITION',
    details: { reason: 'string' },
    en: { title: 'Payment was declined', detail: 'Nothing was paid. Reason of the provider: {reason}' },
    ko: { title: '결제가 거절되었습니다', detail: '결제되지 않았습니다. 결제사 메시지: {reason}' },
  },
  PAYMENT_AMOUNT_MISMATCH: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    details: { total: 'number', paid: 'number' },
    en: { title: 'Another amount was paid', detail: '{paid} came in instead of {total}; it goes back.' },
    ko: { title: '결제 금액이 일치하지 않습니다', detail: '{total} 대신 {paid}이(가) 결제되어 환불됩니다.' },
  },
} as const satisfies RefusalTable;
