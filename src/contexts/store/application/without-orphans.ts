import type { Images } from '../../../platform/files/images.ts';
import { isRefusal } from '../../../platform/kernel/refusal.ts';
import type { StoreStore } from './ports.ts';

/** Changes stores, and removes the files that no store names any more after the commit. */
export const withoutOrphans = (
  { change }: Pick<StoreStore, 'change'>,
  images: Pick<Images, 'afterChange'>,
): StoreStore['change'] =>
  function changeStore(id, decide, idempotency) {
    let unnamed: readonly string[] = [];
    const comparing: typeof decide = (before, now) => {
      const after = decide(before, now);
      unnamed = isRefusal(after) ? [] : before.imageFiles.filter((file) => !after.imageFiles.includes(file));
      return after;
    };
    return images.afterChange(change(id, comparing, idempotency), () => unnamed);
  };
