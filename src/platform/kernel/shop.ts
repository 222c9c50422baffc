/** What is one for the whole shop, for as long as a process runs. */
export interface Shop {
  /** An IANA name in its one spelling: calendar days are those of this zone where nothing else has one. */
  readonly timeZone: string;
  /** ISO 4217. Amounts of money are whole numbers of its smallest unit. */
  readonly currency: string;
}

export const DEFAULT_SHOP: Shop = { timeZone: 'Asia/Seoul', currency: 'KRW' };

let timeZone = DEFAULT_SHOP.timeZone;

/** To be called before anything is composed: what was computed for another zone stays as it is. `given`: an IANA name. */
export function setShopTimeZone(given: string): void {
  timeZone = given;
}

export const shopTimeZone = (): string => timeZone;
