import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import { isBlank, isText, textRule } from '../../../../platform/kernel/text.ts';
import { refuse } from '../../refusals.ts';
import { PRICE_MAX, PRODUCT_DESCRIPTION_MAX, PRODUCT_NAME_MAX, SUPPLIED_MAX } from '../limits.ts';
import type { Product } from './product.ts';

/** The fields of a product that a user may set. Undefined = unchanged. */
export interface ProductTerms {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly price?: bigint | undefined;
}

export interface ProductEdit extends ProductTerms {
  /** The version that the user has read. */
  readonly version: number;
  readonly hidden?: boolean | undefined;
  /** Added to the stock; a negative number removes units. */
  readonly addStock?: number | undefined;
}

/** Refused: VALIDATION_FAILED, with each field that is out of its range. */
export function checkProduct({ name, description, price }: ProductTerms, supplied: number): Refusal | undefined {
  const wrong: Record<string, string> = {};
  if (name !== undefined && (isBlank(name) || !isText(name, 1, PRODUCT_NAME_MAX))) {
    wrong['name'] = textRule(1, PRODUCT_NAME_MAX);
  }
  if (description !== undefined && !isText(description, 0, PRODUCT_DESCRIPTION_MAX)) {
    wrong['description'] = textRule(0, PRODUCT_DESCRIPTION_MAX);
  }
  if (price !== undefined && (price < 1n || price > PRICE_MAX)) wrong['price'] = `must be 1 to ${PRICE_MAX}`;
  if (!Number.isInteger(supplied) || supplied < 0 || supplied > SUPPLIED_MAX) {
    wrong['stock'] = `must be 0 to ${SUPPLIED_MAX}, with all that was sold`;
  }
  return Object.keys(wrong).length === 0 ? undefined : refuse('VALIDATION_FAILED', wrong);
}

/**
 * Applies an edit to the version that the user has read. Stock is added or removed, never set, so that an edit does not undo orders
 * that were placed meanwhile. Refused: OPTIMISTIC_LOCK_FAILURE, OUT_OF_STOCK (more removed than is free), VALIDATION_FAILED.
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
