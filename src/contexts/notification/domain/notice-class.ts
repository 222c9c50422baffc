import { KINDS, type Kind, type NoticeClass } from './kinds.ts';
import type { NoticeData } from './notice.ts';

/** An announcement is what its author says; everything else is what its kind says. */
export const classOf = (kind: Kind, data: NoticeData): NoticeClass =>
  kind === 'ANNOUNCEMENT' && data['noticeClass'] === 'TRANSACTIONAL' ? 'TRANSACTIONAL' : KINDS[kind].noticeClass;
