import { type Manager, managesStore } from '../../../store/api.ts';
import type { ProductStatus } from '../enumerations.ts';

/** Every unit is in one place: supplied = stock + reserved + sold + stock and reserved of its time sales. */
export interface Product {
  readonly id: bigint;
  readonly name: string;
  readonly description: string;
  /** In the smallest unit of the currency, at least 1. */
  readonly price: bigint;
  /** All units that were ever added, minus those that were removed. */
  readonly supplied: number;
  /** Units that can be sold at the regular price. */
  readonly stock: number;
  /** Units in unpaid orders, at the regular price. */
  readonly reserved: number;
  /** Units that are paid and not refunded, including those of time sales. */
  readonly sold: number;
  /** The store that sells it; null = the platform. It never changes. */
  readonly storeId: bigint | null;
  readonly hidden: boolean;
  /** Is its store closed or deleted? It is then sold and shown as if it were hidden. */
  readonly storeClosed: boolean;
  readonly createdBy: bigint;
  /** Rises with every edit by a user; orders do not change it. */
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** Not sold, and shown only to those who may edit it. */
export const isHidden = ({ hidden, storeClosed }: Pick<Product, 'hidden' | 'storeClosed'>): boolean =>
  hidden || storeClosed;

export function productStatus(product: Pick<Product, 'hidden' | 'storeClosed' | 'stock'>): ProductStatus {
  if (isHidden(product)) return 'HIDDEN';
  return product.stock > 0 ? 'ON_SALE' : 'SOLD_OUT';
}

/** An ADMIN or a SERVICE may edit every product, an OWNER those of their stores. */
export const mayEdit = (manager: Manager | undefined, product: Pick<Product, 'storeId'>): boolean =>
  managesStore(manager, product.storeId);
