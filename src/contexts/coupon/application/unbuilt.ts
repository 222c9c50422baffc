import type { CouponService } from '../api.ts';

const NAMES = ['generateCodes', 'listCodes'] as const satisfies readonly (keyof CouponService)[];

/** Operations of the contract that no file carries out yet; each leaves this list when it is built. */
export const unbuilt = Object.fromEntries(
  NAMES.map((name) => [name, () => Promise.reject(new Error(`${name} is not built yet`))]),
) as unknown as Pick<CouponService, (typeof NAMES)[number]>;
