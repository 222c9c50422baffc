import { executeOnce, type Responding } from '../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import {
  type DeleteNoticeRequest,
  type InboxResponse,
  type MarkAllReadRequest,
  type MarkReadRequest,
  stored,
} from '../api.ts';
import { refuse } from '../refusals.ts';
import type { InboxChanged, InboxChanges, InboxSignal } from './ports.ts';

interface Deps {
  readonly inboxes: InboxChanges;
  readonly signal: Pick<InboxSignal, 'notify'>;
}

const CHANGING: Responding<InboxChanged, InboxResponse> = {
  type: stored.InboxResponse,
  refused: toRefusalResponse,
  respond: (changed) =>
    changed === 'not found'
      ? toRefusalResponse(refuse('NOTIFICATION_NOT_FOUND'))
      : { outcome: { $case: 'inbox', value: changed } },
};

export const markRead =
  ({ inboxes, signal }: Deps) =>
  ({ userId, noticeId, commandKey }: MarkReadRequest): Promise<InboxResponse> =>
    executeOnce(commandKey, CHANGING, (idempotency) => inboxes.markRead(userId, noticeId, idempotency)).finally(() =>
      signal.notify([userId]),
    );

export const markAllRead =
  ({ inboxes, signal }: Deps) =>
  ({ userId, commandKey }: MarkAllReadRequest): Promise<InboxResponse> =>
    executeOnce(commandKey, CHANGING, (idempotency) => inboxes.markAllRead(userId, idempotency)).finally(() =>
      signal.notify([userId]),
    );

export const deleteNotice =
  ({ inboxes, signal }: Deps) =>
  ({ userId, noticeId, commandKey }: DeleteNoticeRequest): Promise<InboxResponse> =>
    executeOnce(commandKey, CHANGING, (idempotency) => inboxes.delete(userId, noticeId, idempotency)).finally(() =>
      signal.notify([userId]),
    );
