import type { RefusalKind, RefusalTable } from '../../platform/kernel/refusal.ts';

const kind = (
  http: number,
  grpc: RefusalKind['grpc'],
  en: readonly [title: string, detail: string],
  ko: readonly [title: string, detail: string],
): RefusalKind => ({ http, grpc, en: { title: en[0], detail: en[1] }, ko: { title: ko[0], detail: ko[1] } });

/** The refusals of the edge itself; contexts add their own tables. */
export const EDGE_REFUSALS = {
  VALIDATION_FAILED: kind(
    400,
    'INVALID_ARGUMENT',
    ['The request is not valid', 'Part of the request could not be understood; `errors` names the fields.'],
    ['요청이 올바르지 않습니다', '요청의 일부를 이해할 수 없습니다. `errors`에서 항목을 확인하세요.'],
  ),
  IDEMPOTENCY_KEY_REQUIRED: kind(
    400,
    'INVALID_ARGUMENT',
    ['An Idempotency-Key is required', 'Send an Idempotency-Key header of 1 to 255 printable characters.'],
    ['Idempotency-Key가 필요합니다', '1~255자의 출력 가능한 문자로 된 Idempotency-Key 헤더를 보내세요.'],
  ),
  UNAUTHENTICATED: kind(
    401,
    'UNAUTHENTICATED',
    ['Authentication is required', 'Send a valid access token as Authorization: Bearer.'],
    ['인증이 필요합니다', 'Authorization: Bearer 헤더로 유효한 액세스 토큰을 보내세요.'],
  ),
  WEBHOOK_SIGNATURE_INVALID: kind(
    401,
    'UNAUTHENTICATED',
    ['The signature is not valid', 'Sign with the shared secret, and with the present time in webhook-timestamp.'],
    ['서명이 올바르지 않습니다', '공유 시크릿으로 서명하고 webhook-timestamp에 현재 시각을 넣으세요.'],
  ),
  FORBIDDEN: kind(
    403,
    'PERMISSION_DENIED',
    ['Not allowed', 'This principal may not do this.'],
    ['권한이 없습니다', '이 작업을 수행할 권한이 없습니다.'],
  ),
  SCOPE_MISSING: kind(
    403,
    'PERMISSION_DENIED',
    ['A scope is missing', 'This API key, or token of a machine, lacks the scope {scope}.'],
    ['스코프가 없습니다', '이 API 키 또는 서비스 토큰에 {scope} 스코프가 없습니다.'],
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
  IDEMPOTENCY_KEY_REUSED: kind(
    422,
    'INVALID_ARGUMENT',
    ['The key belongs to another request', 'This Idempotency-Key was used with another body.'],
    ['다른 요청에 사용된 키입니다', '이 Idempotency-Key는 다른 본문에 사용되었습니다.'],
  ),
  RATE_LIMITED: kind(
    429,
    'RESOURCE_EXHAUSTED',
    ['Too many requests', 'Ask again after Retry-After seconds.'],
    ['요청이 너무 많습니다', 'Retry-After 초 후 다시 요청하세요.'],
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
