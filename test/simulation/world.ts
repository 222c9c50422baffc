import type { Kernel } from './kernel.ts';
import type { Messages } from './messages.ts';
import type { SimulatedProvider } from './provider.ts';
import type { Shop } from './shop.ts';
import type { Trouble } from './trouble.ts';

/** What can be away for a while, as seen from everywhere. */
export type Away = 'postgres' | 'provider' | `writes of ${string}`;

/** All that there is in a run. Processes come and go; this stays. */
export interface World {
  readonly kernel: Kernel;
  readonly shop: Shop;
  readonly provider: SimulatedProvider;
  readonly messages: Messages;
  readonly trouble: () => Trouble;
  readonly isAway: (what: Away) => boolean;
  /** Something that must not be. */
  readonly complain: (problem: string) => void;
}
