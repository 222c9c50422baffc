import type { RefusalTable } from '../../platform/kernel/refusal.ts';
import { refuseFrom } from '../../platform/kernel/refuse.ts';

/** The refusals that only this context declares: status for HTTP and gRPC, details, and texts. */
export const NOTIFICATION_REFUSALS = {
  NOTIFICATION_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'Notification not found', detail: 'Your inbox has no notification with this id.' },
    ko: { title: '알림을 찾을 수 없습니다', detail: '알림함에 해당 ID의 알림이 없습니다.' },
  },
  NOTICE_JOB_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'Job not found', detail: 'There is no job of notices with this id.' },
    ko: { title: '작업을 찾을 수 없습니다', detail: '해당 ID의 알림 작업이 없습니다.' },
  },
  SUPPRESSION_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'Address not suppressed', detail: 'No mail to this address is held back.' },
    ko: { title: '차단된 주소가 아닙니다', detail: '이 주소로 보내는 메일은 차단되어 있지 않습니다.' },
  },
  PUSH_NOT_CONFIGURED: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'No web push is configured', detail: 'This server sends no notices to browsers.' },
    ko: { title: '웹 푸시가 설정되지 않았습니다', detail: '이 서버는 브라우저로 알림을 보내지 않습니다.' },
  },
} as const satisfies RefusalTable;

/** Makes a refusal of this context. */
export const refuse = refuseFrom<typeof NOTIFICATION_REFUSALS>();
