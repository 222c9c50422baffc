import type { Principal } from '../../../../platform/kernel/contract.ts';
import { isOperator } from '../../../../platform/kernel/operator.ts';
import { isRefusal, type Refusal, resultIn } from '../../../../platform/kernel/refusal.ts';
import { findOpenStore, managerOf, managesStore } from '../../../store/api.ts';
import type { Announcement, Audience as AudienceMessage } from '../../api.ts';
import { announcementData } from '../../domain/announcement.ts';
import type { NoticeData } from '../../domain/notice.ts';
import { AUDIENCES, type Audience } from '../../domain/notice-job.ts';
import { refuse } from '../../refusals.ts';
import type { Audiences } from './audiences.ts';
import type { Stores } from './ports.ts';

export interface CheckDeps {
  readonly audiences: Pick<Audiences, 'missing'>;
  readonly stores: Omit<Stores, 'listFollowers' | 'listFollowedOpenings'>;
}

export interface RequestedNotices {
  readonly principal?: Principal | undefined;
  readonly audience?: AudienceMessage | undefined;
  readonly announcement?: Announcement | undefined;
}

/** An announcement that its caller may make. */
export interface Checked {
  readonly principal: Principal;
  readonly audience: Audience;
  readonly data: NoticeData;
  /** The store in whose name its owner announces. Undefined: an operator announces. */
  readonly ownStoreId: bigint | undefined;
}

/**
 * Checks who announces what to whom. Operators announce anything to anybody. An OWNER announces to the followers of an OPEN store of their own, as MARKETING, so
 * that consent, quiet hours and limits hold, and each title names the store.
 */
export async function checkAnnouncement(
  { audiences, stores }: CheckDeps,
  { principal, audience: stated, announcement }: RequestedNotices,
): Promise<Checked | Refusal> {
  const manager = await managerOf(stores, principal);
  if (!principal || !manager || !mayAnnounce(manager)) return refuse('FORBIDDEN');
  const audience = audienceOf(stated);
  if (isRefusal(audience)) return audience;
  if (!announcement) return refuse('VALIDATION_FAILED', { announcement: 'is required' });
  const data = announcementData(announcement);
  if (isOperator(manager.role)) {
    if (isRefusal(data)) return data;
    return (await audiences.missing(audience)) ?? { principal, audience, data, ownStoreId: undefined };
  }
  if (audience.type !== 'STORE_FOLLOWERS' || !managesStore(manager, audience.id)) return refuse('FORBIDDEN');
  if (isRefusal(data)) return data;
  if (announcement.noticeClass !== 'MARKETING')
    return refuse('VALIDATION_FAILED', { class: 'must be MARKETING: owners of stores announce nothing else' });
  const ownStoreId = audience.id;
  const openStore = await findOpenStore(stores, ownStoreId);
  if (isRefusal(openStore)) return openStore;
  const store = resultIn(await stores.getStore({ storeId: ownStoreId, principal }));
  return isRefusal(store) ? store : { principal, audience, data: { ...data, storeName: store.name }, ownStoreId };
}

/** Of their own stores, or of everything. */
export const mayAnnounce = (principal: Principal | undefined): boolean =>
  isOperator(principal?.role) || principal?.role === 'OWNER';

function audienceOf(stated: AudienceMessage | undefined): Audience | Refusal {
  const type = AUDIENCES.find((each) => each === stated?.type);
  const id = stated?.id;
  if (type === undefined) return refuse('VALIDATION_FAILED', { audience: `must be one of ${AUDIENCES.join(', ')}` });
  if (type === 'USERS') return { type, id: null };
  return id === undefined ? refuse('VALIDATION_FAILED', { audience: 'names the store or policy' }) : { type, id };
}
