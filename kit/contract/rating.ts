/** The sum and the number of the rates that something was given. */
export interface Rating {
  readonly ratingSum: bigint;
  readonly ratingCount: bigint;
}

/** The mean of the rates in tenths, rounded half up; 0 without rates. In integers: 4.45 in binary is a little less. */
export function averageRateTenths({ ratingSum, ratingCount }: Rating): number {
  return ratingCount === 0n ? 0 : Number((ratingSum * 20n + ratingCount) / (2n * ratingCount));
}

/** What a rating gains or loses where one rate becomes another; 0 is a rate that does not count. */
export function ratingChange(from: number, to: number): Rating {
  return { ratingSum: BigInt(to - from), ratingCount: BigInt(Math.sign(to) - Math.sign(from)) };
}
