import type { DirectoryService } from '../../contexts/coupon/api.ts';
import type { CodeClaims } from '../../contexts/coupon/module.ts';
import { onlyCalls } from '../call-rules.ts';

/**
 * May `caller` call this method of the directory? Shards claim the codes that they store, each caller of policies looks where they are, and the
 * gateway does the rest for its requests.
 */
export const mayCallDirectory = onlyCalls<DirectoryService>({
  coupon: ['claimCodes'],
  order: ['listPlaces'],
  statistics: ['listPlaces'],
  gateway: ['listPlaces', 'locateCodes', 'freeCode', 'claimNames', 'releaseNames', 'freeOrder', 'locateReservation'],
});

/** Claims the codes of a shard in shard 0. */
export const remoteCodeClaims = (directory: Pick<DirectoryService, 'claimCodes'>): CodeClaims => ({
  async claim({ policyId, jobId }, codes) {
    const request = { policyId, jobId, codes: codes.map(({ code }) => code), shown: codes.map(({ shown }) => shown) };
    return new Set((await directory.claimCodes(request)).taken);
  },
});
