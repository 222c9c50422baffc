/** The names under which a reservation, a direct use and an order are claimed over all shards. */
export const reservationName = (id: string): string => `reservation:${id}`;
export const orderName = (userId: bigint, orderId: string): string => `order:${userId}:${orderId}`;

const DIRECT_USE = 'USE:';
/** What claims the order of a direct use: the coupon. */
export const directUseHolder = (couponId: bigint): string => `${DIRECT_USE}${couponId}`;
export const isDirectUse = (holder: string): boolean => holder.startsWith(DIRECT_USE);
