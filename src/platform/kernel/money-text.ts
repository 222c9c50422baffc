const THOUSANDS = /\B(?=(\d{3})+$)/g;

/**
 * Writes an amount: `12,000원`, `12,000 KRW`, `120.00 USD`.
 * @param amount in the smallest unit of the currency
 * @param currency ISO 4217
 */
export function moneyText(amount: bigint, currency: string, language: 'ko' | 'en'): string {
  const digits = digitsOf(currency);
  const unit = 10n ** BigInt(digits);
  const whole = String(amount / unit).replace(THOUSANDS, ',');
  const number = digits === 0 ? whole : `${whole}.${String(amount % unit).padStart(digits, '0')}`;
  return language === 'ko' && currency === 'KRW' ? `${number}원` : `${number} ${currency}`;
}

/** How many decimal places the smallest unit of a currency is. */
const digitsOf = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 0;
