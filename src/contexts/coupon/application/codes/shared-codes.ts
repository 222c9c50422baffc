import { normalizeCode } from '../../domain/codes/code.ts';
import type { CodeClaims } from './ports.ts';

/** The shared codes of policies, over all shards. */
export interface SharedCodes {
  /** Claims the code before the policy is stored with it. Returns false when another policy has it; a text that is no code is refused later. */
  claim(policyId: bigint, shown: string | undefined): Promise<boolean>;
}

export const sharedCodes = (claims: CodeClaims): SharedCodes => ({
  async claim(policyId, shown) {
    const code = shown === undefined ? undefined : normalizeCode(shown);
    if (shown === undefined || code === undefined) return true;
    return (await claims.claim({ policyId }, [{ code, shown }])).size === 0;
  },
});
