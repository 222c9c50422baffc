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
} as const satisfies RefusalTable;

/** Makes a refusal of this context. */
export const refuse = refuseFrom<typeof NOTIFICATION_REFUSALS>();
