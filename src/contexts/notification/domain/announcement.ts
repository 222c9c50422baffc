import type { Refusal } from '../../../platform/kernel/refusal.ts';
import { isBlank, isText, textRule } from '../../../platform/kernel/text.ts';
import { refuse } from '../refusals.ts';
import type { NoticeData } from './notice.ts';

/** Every notice has a copy of the texts, so they are short. */
export const TITLE_MAX = 100;
export const BODY_MAX = 500;
export const PATH_MAX = 200;

export const ANNOUNCEMENT_CLASSES = ['MARKETING', 'TRANSACTIONAL'] as const;

export interface RequestedAnnouncement {
  readonly noticeClass: string;
  readonly ko?: { readonly title: string; readonly body: string } | undefined;
  readonly en?: { readonly title: string; readonly body: string } | undefined;
  readonly path: string;
}

/** A path of the shop: never the address of another one. */
const PATH = /^\/(?![/\\])[\w\-./~%?=&]*$/;

/** Returns the data of the notices of an announcement, in both languages. Refused: VALIDATION_FAILED. */
export function announcementData({ noticeClass, ko, en, path }: RequestedAnnouncement): NoticeData | Refusal {
  const isTitle = (text = ''): boolean => !isBlank(text) && isText(text, 1, TITLE_MAX);
  const isBody = (text = ''): boolean => !isBlank(text) && isText(text, 1, BODY_MAX);
  const rules: readonly (readonly [field: string, holds: boolean, message: string])[] = [
    ['class', ANNOUNCEMENT_CLASSES.some((each) => each === noticeClass), 'must be MARKETING or TRANSACTIONAL'],
    ['ko.title', isTitle(ko?.title), textRule(1, TITLE_MAX)],
    ['ko.body', isBody(ko?.body), textRule(1, BODY_MAX)],
    ['en.title', isTitle(en?.title), textRule(1, TITLE_MAX)],
    ['en.body', isBody(en?.body), textRule(1, BODY_MAX)],
    ['path', path === '' || (PATH.test(path) && path.length <= PATH_MAX), 'must be a path such as /stores/42'],
  ];
  const violated = rules.filter(([, holds]) => !holds);
  if (violated.length > 0)
    return refuse('VALIDATION_FAILED', Object.fromEntries(violated.map(([field, , message]) => [field, message])));
  return {
    noticeClass,
    titleKo: ko?.title ?? '',
    bodyKo: ko?.body ?? '',
    titleEn: en?.title ?? '',
    bodyEn: en?.body ?? '',
    path,
  };
}
