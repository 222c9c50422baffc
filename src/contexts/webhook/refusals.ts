import type { RefusalTable } from '../../platform/kernel/refusal.ts';
import { refuseFrom } from '../../platform/kernel/refuse.ts';

/** The refusals that only this context declares: status for HTTP and gRPC, details, and texts. */
export const WEBHOOK_REFUSALS = {
  WEBHOOK_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'Webhook not found', detail: 'There is no webhook with this id.' },
    ko: { title: '웹훅을 찾을 수 없습니다', detail: '해당 ID의 웹훅이 없습니다.' },
  },
  WEBHOOK_DELIVERY_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: {
      title: 'Delivery not found',
      detail: 'This webhook has no delivery with this id. Finished deliveries are kept for some days.',
    },
    ko: {
      title: '전송 기록을 찾을 수 없습니다',
      detail: '이 웹훅에 해당 ID의 전송 기록이 없습니다. 끝난 전송 기록은 며칠 동안만 보관됩니다.',
    },
  },
  WEBHOOK_LIMIT_REACHED: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    details: { max: 'number' },
    en: { title: 'Too many webhooks', detail: 'There are {max} webhooks already. Delete one that is not needed.' },
    ko: {
      title: '웹훅이 너무 많습니다',
      detail: '웹훅이 이미 {max}개 있습니다. 필요하지 않은 웹훅을 삭제하세요.',
    },
  },
  WEBHOOK_DISABLED: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'The webhook is disabled', detail: 'Nothing is sent to it. Enable it first.' },
    ko: { title: '비활성화된 웹훅입니다', detail: '전송되지 않습니다. 먼저 활성화하세요.' },
  },
  WEBHOOK_DELIVERY_ERASED: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    en: {
      title: 'The content is erased',
      detail: 'The user whom this delivery concerns has deleted the account, so it cannot be sent again.',
    },
    ko: {
      title: '내용이 삭제되었습니다',
      detail: '이 전송과 관련된 사용자가 계정을 삭제하여 다시 보낼 수 없습니다.',
    },
  },
} as const satisfies RefusalTable;

/** Makes a refusal of this context. */
export const refuse = refuseFrom<typeof WEBHOOK_REFUSALS>();
