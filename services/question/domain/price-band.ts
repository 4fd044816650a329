// 100 to 199 points are band 1, 200 to 299 band 2, 1,000 to 1,999 band 10, a million band 37.
const bandsPerDigit = 9;
const lowestPrice = 100;
const highestBand = 4 * bandsPerDigit + 1;

/** The band of a price: prices with the same number of digits and the same first digit. */
export function priceBandOf(pricePoints: bigint): number {
  const text = pricePoints.toString();
  const digits = text.length - lowestPrice.toString().length;
  return Math.min(Math.max(digits * bandsPerDigit + Number(text[0]), 1), highestBand);
}

/** The bands that have prices from `min` to `max`, both included; 0 for no maximum. */
export function priceBandsBetween(min: bigint, max: bigint): number[] {
  const first = priceBandOf(min);
  const last = max === 0n ? highestBand : priceBandOf(max);
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) => first + index);
}
