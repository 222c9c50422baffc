/** The codes by which coupons are used at the counter. Nothing is stored for them. */
export interface RedemptionCodes {
  codeOf(couponId: bigint): string;
  /**
   * The coupons that a code as somebody typed it may belong to, most likely first: none for a text that is no code, several while the
   * secret of the codes is being replaced. They need not exist.
   */
  couponIdsOf(typed: string): readonly bigint[];
}
