import { type Refusal, refuse } from '../../../platform/kernel/refusal.ts';
import type { Product } from './product.ts';

export const PRICE_MAX = 1_000_000_000n;
/** Of one product, in all that were ever brought in. */
const SUPPLIED_MAX = 1_000_000_000;
const NAME_MAX = 200;
const DESCRIPTION_MAX = 2_000;

/** What people may set of a product. Absent = as it is. */
export interface ProductTerms {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly price?: bigint | undefined;
}

export interface ProductEdit extends ProductTerms {
  /** The one that the editor has seen. */
  readonly version: number;
  readonly hidden?: boolean | undefined;
  /** Added to what is free; below 0 takes away. */
  readonly addStock?: number | undefined;
}

/** Refused: VALIDATION_FAILED, naming each field that is out of its range. */
export function checkProduct({ name, description, price }: ProductTerms, supplied: number): Refusal | undefined {
  const wrong: Record<string, string> = {};
  if (name !== undefined && (name.trim() === '' || !isText(name, NAME_MAX))) {
    wrong['name'] = `must be 1 to ${NAME_MAX} printable characters`;
  }
  if (description !== undefined && !isText(description, DESCRIPTION_MAX)) {
    wrong['description'] = `must be at most ${DESCRIPTION_MAX} printable characters`;
  }
  if (price !== undefined && (price < 1n || price > PRICE_MAX)) wrong['price'] = `must be 1 to ${PRICE_MAX}`;
  if (!Number.isInteger(supplied) || supplied < 0 || supplied > SUPPLIED_MAX) {
    wrong['stock'] = `must be 0 to ${SUPPLIED_MAX}, with all that was sold`;
  }
  return Object.keys(wrong).length === 0 ? undefined : refuse('VALIDATION_FAILED', wrong);
}

const isText = (text: string, max: number): boolean =>
  text.length <= max && text.isWellFormed() && !/\p{Cc}/u.test(text);

/**
 * The product as an editor wants it, who has seen the version that it has. Supply is added or taken, never set, so what is
 * ordered meanwhile is not undone. Refused: OPTIMISTIC_LOCK_FAILURE, OUT_OF_STOCK (more taken than is free),
 * VALIDATION_FAILED.
 */
export function editProduct(product: Product, edit: ProductEdit, nowMs: number): Product | Refusal {
  if (edit.version !== product.version) {
    return refuse('OPTIMISTIC_LOCK_FAILURE', { currentVersion: String(product.version) });
  }
  const added = edit.addStock ?? 0;
  const supplied = product.supplied + added;
  if (product.stock + added < 0) return refuse('OUT_OF_STOCK', { productId: String(product.id) });
  return (
    checkProduct(edit, supplied) ?? {
      ...product,
      name: edit.name ?? product.name,
      description: edit.description ?? product.description,
      price: edit.price ?? product.price,
      hidden: edit.hidden ?? product.hidden,
      stock: product.stock + added,
      supplied,
      version: product.version + 1,
      updatedAtMs: nowMs,
    }
  );
}
