import { cursorOf } from '../../../../platform/kernel/pages.ts';
import { isRefusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { Code, ListCodesRequest, ListCodesResponse } from '../../api.ts';
import { type ManagedPolicies, policyManagerOf } from '../policy/policy-manager.ts';
import type { CodePlace, CodeReader, PlacedCode } from './ports.ts';

/** Larger than other pages: an export reads a million codes. */
const PAGE_MAX = 5_000;

/** A policy's unique codes in the order of generation. An invalid cursor gives an empty page. */
export const listCodes =
  (managed: ManagedPolicies, reader: Pick<CodeReader, 'list'>) =>
  async ({ principal, policyId, page }: ListCodesRequest): Promise<ListCodesResponse> => {
    const manager = await policyManagerOf(managed, principal, policyId, 'CODE');
    if (isRefusal(manager)) return toRefusalResponse(manager);
    const limit = Math.min(Math.max(page?.limit || PAGE_MAX, 1), PAGE_MAX);
    const after = readCursor(cursorOf(page));
    if (after === 'invalid') return toListCodesResponse([], undefined);
    const found = await reader.list(policyId, after, limit + 1);
    const last = found.length > limit ? found[limit - 1] : undefined;
    return toListCodesResponse(found.slice(0, limit).map(toCode), last && writeCursor(last));
  };

const toListCodesResponse = (codes: Code[], nextCursor: string | undefined): ListCodesResponse => ({
  outcome: { $case: 'codes', value: { codes, nextCursor } },
});

const toCode = ({ jobId: _jobId, place: _place, ...code }: PlacedCode): Code => code;

const writeCursor = ({ jobId, place }: CodePlace): string =>
  Buffer.from(`${jobId}.${place}`, 'latin1').toString('base64url');

function readCursor(cursor: string | undefined): CodePlace | undefined | 'invalid' {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const [, jobId, place] = /^(\d{1,18})\.(\d{1,9})$/.exec(text) ?? [];
  return jobId === undefined ? 'invalid' : { jobId: BigInt(jobId), place: Number(place) };
}
