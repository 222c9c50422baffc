import type { Body } from '../run-body.ts';
import { type Opening, planFleet } from './fleet.ts';
import { MEASURED } from './measured.ts';
import { planText } from './plan-text.ts';

type Options = Omit<Opening, 'coupons' | 'checkouts'> & {
  readonly coupons?: number;
  readonly checkouts?: number;
  readonly json: boolean;
};

const COUPONS_FOR_A_USER = 0.1;

export const run: Body<Options> = async ({ json, ...options }) => {
  const { coupons = Math.ceil(options.users * COUPONS_FOR_A_USER), checkouts = 0 } = options;
  const opening: Opening = { ...options, coupons, checkouts };
  const fleet = planFleet(opening, MEASURED);
  process.stdout.write(
    json
      ? `${JSON.stringify({ opening, fleet, measured: MEASURED }, undefined, 2)}\n`
      : planText(opening, fleet, MEASURED),
  );
  return 0;
};
