import type { CommandKey, Principal } from '../../../gen/stampede/common/v1/common.ts';
import { executeOnce, type Responding } from '../../../platform/kernel/command-key.ts';
import { isRefusal, type Refusal, refuse } from '../../../platform/kernel/refusal.ts';
import { mayEdit, type Product } from '../domain/product.ts';
import { refusal } from './goods-answers.ts';
import type { GoodsChange, GoodsStore } from './goods-ports.ts';

interface GoodsRequest {
  readonly principal?: Principal | undefined;
  readonly productId: bigint;
  readonly commandKey?: CommandKey | undefined;
}

type Refused = ReturnType<typeof refusal>;
type Answered = { readonly outcome: { readonly $case: string } | undefined };

/**
 * What every edit of a product and its time sales shares: its lock, whose it is, and its key. Refused: FORBIDDEN,
 * PRODUCT_NOT_FOUND; the latter also for a hidden one of somebody else.
 */
export function changeGoods<Change extends GoodsChange, Response extends Answered>(
  store: GoodsStore,
  { principal, productId, commandKey }: GoodsRequest,
  decide: (product: Product) => Change | Refusal,
  { type, respond }: Pick<Responding<Change, Response | Refused>, 'type' | 'respond'>,
): Promise<Response | Refused> {
  const allowed = (product: Product): Change | Refusal => {
    if (mayEdit(principal, product)) return decide(product);
    return refuse(product.hidden ? 'PRODUCT_NOT_FOUND' : 'FORBIDDEN');
  };
  const responding: Responding<Change | Refusal | undefined, Response | Refused> = {
    type,
    refused: refusal,
    respond(changed) {
      if (changed === undefined) return refusal(refuse('PRODUCT_NOT_FOUND'));
      return isRefusal(changed) ? refusal(changed) : respond(changed);
    },
  };
  return executeOnce(commandKey, responding, (keep) => store.change(productId, allowed, keep));
}
