import type { RefusalTable } from '../../platform/kernel/refusal.ts';
import { refuseFrom } from '../../platform/kernel/refuse.ts';

/** The refusals that only this context declares: status for HTTP and gRPC, details, and texts. */
export const STORE_REFUSALS = {
  STORE_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'Store not found', detail: 'There is no store with this id.' },
    ko: { title: '매장을 찾을 수 없습니다', detail: '해당 ID의 매장이 없습니다.' },
  },
  STORE_NOT_OPEN: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    en: {
      title: 'Store is not open',
      detail: 'Open the store first: the coupon policies of a store need it to be open.',
    },
    ko: {
      title: '영업 중인 매장이 아닙니다',
      detail: '먼저 매장을 여세요. 영업 중인 매장만 쿠폰 정책을 운영할 수 있습니다.',
    },
  },
  POLICY_ALREADY_OPEN: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    en: {
      title: 'The policy is open already',
      detail: 'Only a coupon policy that has not opened can be followed. Get its coupon, or follow its store.',
    },
    ko: {
      title: '이미 열린 쿠폰 정책입니다',
      detail: '아직 열리지 않은 쿠폰 정책만 알림을 신청할 수 있습니다. 쿠폰을 받거나 매장을 구독하세요.',
    },
  },
  ACCOUNT_DELETED: {
    http: 410,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'The account was deleted', detail: 'This user has deleted the account, and can follow nothing.' },
    ko: { title: '탈퇴한 계정입니다', detail: '탈퇴한 사용자는 아무것도 구독할 수 없습니다.' },
  },
  STORE_LIMIT_EXCEEDED: {
    http: 409,
    grpc: 'RESOURCE_EXHAUSTED',
    details: { limit: 'number' },
    en: { title: 'Too many stores', detail: 'One owner may have {limit} stores.' },
    ko: { title: '매장이 너무 많습니다', detail: '한 소유자는 매장을 {limit}개까지 등록할 수 있습니다.' },
  },
  STAFF_LIMIT_EXCEEDED: {
    http: 409,
    grpc: 'RESOURCE_EXHAUSTED',
    details: { limit: 'number' },
    en: { title: 'Too many staff', detail: 'One store may have {limit} members of staff.' },
    ko: { title: '직원이 너무 많습니다', detail: '매장 직원은 {limit}명까지 등록할 수 있습니다.' },
  },
  IMAGE_LIMIT_EXCEEDED: {
    http: 409,
    grpc: 'RESOURCE_EXHAUSTED',
    details: { limit: 'number' },
    en: { title: 'Too many images', detail: 'One store may have {limit} uploaded images. Delete one first.' },
    ko: {
      title: '이미지가 너무 많습니다',
      detail: '매장 이미지는 {limit}개까지 올릴 수 있습니다. 먼저 하나를 삭제하세요.',
    },
  },
  IMAGE_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'Image not found', detail: 'This store has no uploaded image with this id.' },
    ko: { title: '이미지를 찾을 수 없습니다', detail: '이 매장에 해당 ID의 이미지가 없습니다.' },
  },
} as const satisfies RefusalTable;

/** Makes a refusal of this context. */
export const refuse = refuseFrom<typeof STORE_REFUSALS>();
