import type { Handler } from '../../../platform/events/bus.ts';
import { factsOf } from '../domain/notice-fact.ts';
import { CONSUMER, type IntakeStore } from './ports.ts';

/** A batch is one claim and a few rows, whatever its size: in a rush large ones cost issuing least. */
export const INTAKE_BATCH_MAX = 2_048;

/** Stores what the events ask for, and wakes the writer. Notices are written later, so that no event and no coupon waits for them. */
export const onNoticeEvents =
  (intake: Pick<IntakeStore, 'addOnce'>, onStored: () => void): Handler =>
  async (batch) => {
    await intake.addOnce(CONSUMER, batch, (fresh) => fresh.flatMap(({ topic, event }) => factsOf(topic, event.data)));
    onStored();
  };
