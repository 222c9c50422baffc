/** What a shop sells. Units are always in exactly one place: supplied = stock + reserved + sold + what is in its time sales. */
export interface Product {
  readonly id: bigint;
  readonly name: string;
  readonly description: string;
  /** In the smallest unit of the currency, at least 1. */
  readonly price: bigint;
  /** All units that were ever brought in, less those taken away again. */
  readonly supplied: number;
  /** Free to be sold at the regular price. */
  readonly stock: number;
  /** In orders that are not paid yet, at the regular price. */
  readonly reserved: number;
  /** Paid for and not refunded, in time sales too. */
  readonly sold: number;
  readonly storeId: bigint | null;
  readonly hidden: boolean;
  /** Who may edit it beside an ADMIN, as an OWNER. */
  readonly createdBy: bigint;
  /** Rises with every edit by hand, and only then. */
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export type ProductStatus = 'ON_SALE' | 'SOLD_OUT' | 'HIDDEN';

export function productStatus({ hidden, stock }: Pick<Product, 'hidden' | 'stock'>): ProductStatus {
  if (hidden) return 'HIDDEN';
  return stock > 0 ? 'ON_SALE' : 'SOLD_OUT';
}

/** ADMIN edits every product, OWNER what they made. */
export const mayEdit = (
  principal: { readonly userId: bigint; readonly role: string } | undefined,
  product: Pick<Product, 'createdBy'>,
): boolean => principal?.role === 'ADMIN' || (principal?.role === 'OWNER' && principal.userId === product.createdBy);
