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
  NOTICE_JOB_LIST_CLOSED: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    en: {
      title: 'The job takes no list',
      detail:
        'Its list was taken already, or its audience is no list. Create another announcement with the audience USERS.',
    },
    ko: {
      title: '명단을 받지 않는 작업입니다',
      detail: '이미 명단을 받았거나 대상이 명단이 아닙니다. 대상이 USERS인 알림 작업을 새로 만드십시오.',
    },
  },
  NOTICE_JOB_ENDED: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'The job has ended', detail: 'Its notices are written. Read the job to see how it ended.' },
    ko: { title: '이미 끝난 작업입니다', detail: '알림이 이미 작성되었습니다. 작업을 조회해 결과를 확인하십시오.' },
  },
  ANNOUNCEMENT_LIMIT_EXCEEDED: {
    http: 409,
    grpc: 'RESOURCE_EXHAUSTED',
    details: { storeId: 'string', day: 'string' },
    en: {
      title: 'One announcement a day',
      detail:
        'The followers of store {storeId} get one announcement on {day} already. Cancel it before it begins, or choose another day.',
    },
    ko: {
      title: '하루에 한 번만 보낼 수 있습니다',
      detail:
        '매장 {storeId}의 팔로워에게 보낼 {day}의 소식이 이미 있습니다. 시작되기 전에 취소하거나 다른 날짜를 선택하십시오.',
    },
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
  PUSH_ENDPOINT_TAKEN: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    en: {
      title: 'Endpoint in use',
      detail: 'This endpoint takes notices of another user, and its secret is another one. Subscribe the browser anew.',
    },
    ko: {
      title: '이미 사용 중인 엔드포인트입니다',
      detail: '이 엔드포인트는 다른 사용자의 알림을 받고 있으며 인증 값이 다릅니다. 브라우저에서 다시 구독해 주세요.',
    },
  },
} as const satisfies RefusalTable;

/** Makes a refusal of this context. */
export const refuse = refuseFrom<typeof NOTIFICATION_REFUSALS>();
