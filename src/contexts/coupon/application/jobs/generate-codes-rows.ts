import { type CodeOptions, makeCodes, planCodes, type RandomBytes } from '../../domain/codes/code-plan.ts';
import type { CodeStore } from '../codes/ports.ts';
import type { JobKind } from './ports.ts';

export const GENERATE_CODES = 'GENERATE_CODES';
/** Codes per step: about 0.1 s of work, so that progress is visible and a stop is quick (bench/codes/run.ts). */
const STEP_CODES = 10_000;

/** Generates the job's number of unique codes. `random` has to be cryptographically secure. */
export const generateCodesRows = (store: Pick<CodeStore, 'addGenerated'>, random: RandomBytes): JobKind => ({
  kind: GENERATE_CODES,
  step(job) {
    const planned = planCodes(job.params as CodeOptions);
    if ('invalid' in planned) throw new Error(`job ${job.id} has no plan: ${JSON.stringify(planned.invalid)}`);
    const count = Math.min(STEP_CODES, job.total - job.done);
    return store.addGenerated(job, count, (missing) => makeCodes(planned.plan, missing, random));
  },
});
