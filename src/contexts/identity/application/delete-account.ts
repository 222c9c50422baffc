import { executeOnce, type Responding } from '../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import { type DeleteAccountRequest, type DeleteAccountResponse, stored } from '../api.ts';
import { decideDeletion } from '../domain/user.ts';
import { refuse } from '../refusals.ts';
import type { DeletionOutcome, IdentityPorts } from './ports.ts';

/** Anonymises an account for good. Of two deletions at the same time one is carried out. Refused: USER_NOT_FOUND, LAST_ADMIN. */
export const deleteAccount =
  ({ store, images, secrets, clock, nextId }: IdentityPorts) =>
  ({ userId, commandKey }: DeleteAccountRequest): Promise<DeleteAccountResponse> =>
    executeOnce(commandKey, RESPONDING, (idempotency) =>
      images.afterChange(
        store.deleteAccount(
          { userId, at: new Date(clock()), outboxId: nextId(), random: secrets.random() },
          decideDeletion,
          idempotency,
        ),
        (outcome) => ('imageFile' in outcome ? [outcome.imageFile] : []),
      ),
    );

const RESPONDING: Responding<DeletionOutcome, DeleteAccountResponse> = {
  type: stored.DeleteAccountResponse,
  refused: toRefusalResponse,
  respond: (outcome) =>
    outcome.kind === 'REFUSE'
      ? toRefusalResponse(refuse(outcome.code))
      : { outcome: { $case: 'ended', value: { sessionIds: outcome.endedSessions.map(String) } } },
};
