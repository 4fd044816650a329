import { Availability } from "#gen/questioncloud/question/v1/question_pb.ts";

/** What a line of a cart costs. */
interface PricedLine {
  readonly availability: Availability;
  readonly pricePoints: bigint;
  readonly offerPricePoints: bigint;
}

/** Sums what can be bought. */
export function totalsOf(lines: readonly PricedLine[]) {
  const available = lines.filter(({ availability }) => availability === Availability.AVAILABLE);
  return {
    availableCount: available.length,
    originalPoints: available.reduce((sum, { pricePoints }) => sum + pricePoints, 0n),
    amountPoints: available.reduce((sum, { offerPricePoints }) => sum + offerPricePoints, 0n),
  };
}
