import type { COUPON_REFUSALS } from '../../contexts/coupon/api.ts';
import type { IDENTITY_REFUSALS } from '../../contexts/identity/api.ts';
import type { NOTIFICATION_REFUSALS } from '../../contexts/notification/api.ts';
import type { ORDER_REFUSALS } from '../../contexts/order/api.ts';
import type { POINT_REFUSALS } from '../../contexts/point/api.ts';
import type { STORE_REFUSALS } from '../../contexts/store/api.ts';
import type { WEBHOOK_REFUSALS } from '../../contexts/webhook/api.ts';
import type { COMMON_REFUSALS } from '../../platform/kernel/common-refusals.ts';
import { IDEMPOTENCY_KEY_MAX } from '../../platform/kernel/idempotency-key.ts';
import type { RefusalTable } from '../../platform/kernel/refusal.ts';

/** Every code of a problem document. A context that declares codes is one line here. */
export type ProblemCode =
  | keyof typeof COMMON_REFUSALS
  | keyof typeof EDGE_REFUSALS
  | keyof typeof COUPON_REFUSALS
  | keyof typeof IDENTITY_REFUSALS
  | keyof typeof NOTIFICATION_REFUSALS
  | keyof typeof ORDER_REFUSALS
  | keyof typeof POINT_REFUSALS
  | keyof typeof STORE_REFUSALS
  | keyof typeof WEBHOOK_REFUSALS;

/** The refusals that only the edge declares. */
export const EDGE_REFUSALS = {
  IDEMPOTENCY_KEY_REQUIRED: {
    http: 400,
    grpc: 'INVALID_ARGUMENT',
    en: {
      title: 'An Idempotency-Key is required',
      detail: `Send an Idempotency-Key header of 1 to ${IDEMPOTENCY_KEY_MAX} printable characters.`,
    },
    ko: {
      title: 'Idempotency-Key가 필요합니다',
      detail: `1~${IDEMPOTENCY_KEY_MAX}자의 출력 가능한 문자로 된 Idempotency-Key 헤더를 보내세요.`,
    },
  },
  LOGOUT_TOKEN_INVALID: {
    http: 400,
    grpc: 'INVALID_ARGUMENT',
    en: {
      title: 'The logout token is not valid',
      detail: 'It has to be signed by this issuer, for one of its logoutAudiences, at most five minutes ago.',
    },
    ko: {
      title: '로그아웃 토큰이 올바르지 않습니다',
      detail: '해당 발급자가 서명하고 logoutAudiences 중 하나를 대상으로 하며 발급된 지 5분 이내여야 합니다.',
    },
  },
  WEBHOOK_SIGNATURE_INVALID: {
    http: 401,
    grpc: 'UNAUTHENTICATED',
    en: {
      title: 'The signature is not valid',
      detail: 'Sign with the shared secret, and with the present time in webhook-timestamp.',
    },
    ko: {
      title: '서명이 올바르지 않습니다',
      detail: '공유 시크릿으로 서명하고 webhook-timestamp에 현재 시각을 넣으세요.',
    },
  },
  SCOPE_MISSING: {
    http: 403,
    grpc: 'PERMISSION_DENIED',
    details: { scope: 'string' },
    en: { title: 'A scope is missing', detail: 'This API key, or token of a machine, lacks the scope {scope}.' },
    ko: { title: '스코프가 없습니다', detail: '이 API 키 또는 서비스 토큰에 {scope} 스코프가 없습니다.' },
  },
  NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'Not found', detail: 'There is no such resource.' },
    ko: { title: '찾을 수 없습니다', detail: '요청한 리소스가 없습니다.' },
  },
  METHOD_NOT_ALLOWED: {
    http: 405,
    grpc: 'INVALID_ARGUMENT',
    en: { title: 'Method not allowed', detail: 'The Allow header lists the methods of this resource.' },
    ko: { title: '허용되지 않은 메서드입니다', detail: 'Allow 헤더에서 이 리소스가 지원하는 메서드를 확인하세요.' },
  },
  REQUEST_TIMEOUT: {
    http: 408,
    grpc: 'ABORTED',
    en: { title: 'The request took too long to arrive', detail: 'Headers or body did not arrive in time.' },
    ko: { title: '요청 시간이 초과되었습니다', detail: '헤더나 본문이 제시간에 도착하지 않았습니다.' },
  },
  IDEMPOTENCY_KEY_IN_USE: {
    http: 409,
    grpc: 'ABORTED',
    en: {
      title: 'The first request with this key is still running',
      detail: 'Repeat the request with the same key after Retry-After seconds.',
    },
    ko: { title: '같은 키의 첫 요청이 처리 중입니다', detail: 'Retry-After 초 후 같은 키로 다시 요청하세요.' },
  },
  PAYLOAD_TOO_LARGE: {
    http: 413,
    grpc: 'INVALID_ARGUMENT',
    en: {
      title: 'The body is too large',
      detail: 'A body may have at most 1 MB, an image 5 MB and a CSV 100 MB, also after decompression.',
    },
    ko: { title: '본문이 너무 큽니다', detail: '압축 해제 후에도 본문은 최대 1MB, 이미지는 5MB, CSV는 100MB입니다.' },
  },
  UNSUPPORTED_MEDIA_TYPE: {
    http: 415,
    grpc: 'INVALID_ARGUMENT',
    en: {
      title: 'The content type is not accepted',
      detail: 'Send application/json in UTF-8; files of rows as text/csv, images as multipart/form-data.',
    },
    ko: {
      title: '지원하지 않는 콘텐츠 유형입니다',
      detail: 'UTF-8로 된 application/json을 보내세요. CSV 파일은 text/csv, 이미지는 multipart/form-data입니다.',
    },
  },
  HEADERS_TOO_LARGE: {
    http: 431,
    grpc: 'INVALID_ARGUMENT',
    en: { title: 'The headers are too large', detail: 'All headers together may have at most 16 kB.' },
    ko: { title: '헤더가 너무 큽니다', detail: '헤더 전체는 최대 16kB입니다.' },
  },
  INTERNAL_ERROR: {
    http: 500,
    grpc: 'UNAVAILABLE',
    en: { title: 'Something went wrong', detail: 'The failure was recorded under this requestId.' },
    ko: { title: '오류가 발생했습니다', detail: '이 requestId로 오류가 기록되었습니다.' },
  },
  OVERLOADED: {
    http: 503,
    grpc: 'UNAVAILABLE',
    en: {
      title: 'Too busy right now',
      detail:
        'Nothing was done, or the outcome is not known. After Retry-After seconds, repeat the request to learn the outcome.',
    },
    ko: {
      title: '지금은 요청이 많습니다',
      detail: '처리되지 않았거나, 같은 요청으로 결과를 확인할 수 있습니다. Retry-After 초 후 다시 요청하세요.',
    },
  },
  DEPENDENCY_UNAVAILABLE: {
    http: 503,
    grpc: 'UNAVAILABLE',
    en: {
      title: 'A part of the system does not respond',
      detail:
        'Nothing was done, or the outcome is not known. After Retry-After seconds, repeat the request to learn the outcome.',
    },
    ko: {
      title: '시스템 일부가 응답하지 않습니다',
      detail: '처리되지 않았거나, 같은 요청으로 결과를 확인할 수 있습니다. Retry-After 초 후 다시 요청하세요.',
    },
  },
  SANDBOX_INCOMPLETE: {
    http: 503,
    grpc: 'UNAVAILABLE',
    details: { contexts: 'string' },
    en: {
      title: 'The time has not moved everywhere',
      detail:
        'The time of {contexts} did not follow. Repeat the request with the same Idempotency-Key when they are available with STAMPEDE_SANDBOX=on.',
    },
    ko: {
      title: '일부 컨텍스트의 시간이 이동하지 않았습니다',
      detail:
        '{contexts}의 시간이 이동하지 않았습니다. STAMPEDE_SANDBOX=on으로 실행 중인지 확인한 후 같은 Idempotency-Key로 다시 요청하세요.',
    },
  },
} as const satisfies RefusalTable;
