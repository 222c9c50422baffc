import type { Language } from '../../../platform/kernel/language.ts';
import type { Notice as NoticeView } from '../api.ts';
import { textOf } from '../domain/texts.ts';
import type { InboxPage } from './ports.ts';

/** Renders notices for their user. `requested`: the language of the request, for a user who has chosen none. */
export function noticeViews({ head, notices }: InboxPage, requested: string): NoticeView[] {
  const language: Language = head.language ?? (requested === 'ko' ? 'ko' : 'en');
  return notices.map(({ id, number, kind, subject, data, createdAt, isRead }) => ({
    id,
    number,
    kind,
    subject,
    ...textOf(kind, language, data, head.timezone ?? undefined),
    data: { ...data },
    isRead,
    createdAt,
  }));
}
