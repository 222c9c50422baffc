import type { Kernel, Owner } from '../kernel.ts';

/** What ends by itself after a while, and processes that stand still for so long. */
export interface Standstills {
  forAWhile(end: () => void): void;
  freeze(owner: Owner): void;
  thaw(owner: Owner): void;
}

/** How long something is cut off or stands still. */
const TROUBLE_MS = [150, 700, 1_800, 6_000, 30_000];
const FATE: Owner = { name: 'fate', status: 'UP' };

export function standstills({ chance, clock, say, schedule }: Kernel): Standstills {
  const forAWhile = (end: () => void): void => {
    schedule(FATE, clock() + chance.of(TROUBLE_MS), end);
  };
  function thaw(owner: Owner): void {
    if (owner.status !== 'FROZEN') return;
    say(owner.name, () => 'continues');
    owner.status = 'UP';
  }
  return {
    forAWhile,
    freeze(owner) {
      if (owner.status !== 'UP') return;
      say(owner.name, () => 'STANDS STILL');
      owner.status = 'FROZEN';
      forAWhile(() => thaw(owner));
    },
    thaw,
  };
}
