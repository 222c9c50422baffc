import type { COUPON_REFUSALS } from '../../contexts/coupon/api.ts';
import type { IDENTITY_REFUSALS } from '../../contexts/identity/api.ts';
import type { ORDER_REFUSALS } from '../../contexts/order/api.ts';
import type { POINT_REFUSALS } from '../../contexts/point/api.ts';
import type { STORE_REFUSALS } from '../../contexts/store/api.ts';
import type { COMMON_REFUSALS } from '../../platform/kernel/common-refusals.ts';
import { IDEMPOTENCY_KEY_MAX } from '../../platform/kernel/idempotency-key.ts';
import type { RefusalKind, RefusalTable } from '../../platform/kernel/refusal.ts';

/** Every code of a problem document. A context that declares codes is one line here. */
export type ProblemCode =
  | keyof typeof COMMON_REFUSALS
  | keyof typeof EDGE_REFUSALS
  | keyof typeof COUPON_REFUSALS
  | keyof typeof IDENTITY_REFUSALS
  | keyof typeof ORDER_REFUSALS
  | keyof typeof POINT_REFUSALS
  | keyof typeof STORE_REFUSALS;

const kind = (
  http: number,
  grpc: RefusalKind['grpc'],
  en: readonly [title: string, detail: string],
  ko: readonly [title: string, detail: string],
  details: NonNullable<RefusalKind['details']> = {},
): RefusalKind => ({ http, grpc, details, en: { title: en[0], detail: en[1] }, ko: { title: ko[0], detail: ko[1] } });

/** The refusals that only the edge declares. */
export const EDGE_REFUSALS = {
  IDEMPOTENCY_KEY_REQUIRED: kind(
    400,
    'INVALID_ARGUMENT',
    [
      'An Idempotency-Key is required',
      `Send an Idempotency-Key header of 1 to ${IDEMPOTENCY_KEY_MAX} printable characters.`,
    ],
    [
      'Idempotency-Key가 필요합니다',
      `1~${IDEMPOTENCY_KEY_MAX}자의 출력 가능한 문자로 된 Idempotency-Key 헤더를 보내세요.`,
    ],
  ),
  WEBHOOK_SIGNATURE_INVALID: kind(
    401,
    'UNAUTHENTICATED',
    ['The signature is not valid', 'Sign with the shared secret, and with the present time in webhook-timestamp.'],
    ['서명이 올바르지 않습니다', '공유 시크릿으로 서명하고 webhook-timestamp에 현재 시각을 넣으세요.'],
  ),
  SCOPE_MISSING: kind(
    403,
    'PERMISSION_DENIED',
    ['A scope is missing', 'This API key, or token of a machine, lacks the scope {scope}.'],
    ['스코프가 없습니다', '이 API 키 또는 서비스 토큰에 {scope} 스코프가 없습니다.'],
    { scope: 'string' },
  ),
  NOT_FOUND: kind(
    404,
    'NOT_FOUND',
    ['Not found', 'There is no such resource.'],
    ['찾을 수 없습니다', '요청한 리소스가 없습니다.'],
  ),
  METHOD_NOT_ALLOWED: kind(
    405,
    'INVALID_ARGUMENT',
    ['Method not allowed', 'The Allow header lists the methods of this resource.'],
    ['허용되지 않은 메서드입니다', 'Allow 헤더에서 이 리소스가 지원하는 메서드를 확인하세요.'],
  ),
  REQUEST_TIMEOUT: kind(
    408,
    'ABORTED',
    ['The request took too long to arrive', 'Headers or body did not arrive in time.'],
    ['요청 시간이 초과되었습니다', '헤더나 본문이 제시간에 도착하지 않았습니다.'],
  ),
  IDEMPOTENCY_KEY_IN_USE: kind(
    409,
    'ABORTED',
    ['The first request with this key is still running', 'Ask again with the same key after Retry-After seconds.'],
    ['같은 키의 첫 요청이 처리 중입니다', 'Retry-After 초 후 같은 키로 다시 요청하세요.'],
  ),
  PAYLOAD_TOO_LARGE: kind(
    413,
    'INVALID_ARGUMENT',
    ['The body is too large', 'A body may have at most 1 MB, also after decompression.'],
    ['본문이 너무 큽니다', '본문은 압축 해제 후에도 최대 1MB입니다.'],
  ),
  UNSUPPORTED_MEDIA_TYPE: kind(
    415,
    'INVALID_ARGUMENT',
    ['The body is not JSON', 'Send application/json in UTF-8.'],
    ['본문이 JSON이 아닙니다', 'UTF-8로 된 application/json을 보내세요.'],
  ),
  HEADERS_TOO_LARGE: kind(
    431,
    'INVALID_ARGUMENT',
    ['The headers are too large', 'All headers together may have at most 16 kB.'],
    ['헤더가 너무 큽니다', '헤더 전체는 최대 16kB입니다.'],
  ),
  INTERNAL_ERROR: kind(
    500,
    'UNAVAILABLE',
    ['Something went wrong', 'The failure was recorded under this requestId.'],
    ['오류가 발생했습니다', '이 requestId로 오류가 기록되었습니다.'],
  ),
  OVERLOADED: kind(
    503,
    'UNAVAILABLE',
    [
      'Too busy right now',
      'Nothing was done, or the same request answers what was. Ask again after Retry-After seconds.',
    ],
    [
      '지금은 요청이 많습니다',
      '처리되지 않았거나, 같은 요청으로 결과를 확인할 수 있습니다. Retry-After 초 후 다시 요청하세요.',
    ],
  ),
  DEPENDENCY_UNAVAILABLE: kind(
    503,
    'UNAVAILABLE',
    [
      'A part of the system does not answer',
      'Nothing was done, or the same request answers what was. Ask again after Retry-After seconds.',
    ],
    [
      '시스템 일부가 응답하지 않습니다',
      '처리되지 않았거나, 같은 요청으로 결과를 확인할 수 있습니다. Retry-After 초 후 다시 요청하세요.',
    ],
  ),
} satisfies RefusalTable;
