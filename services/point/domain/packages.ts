/** The name of a package in the contract and in the database. */
export type PackageLetter = "A" | "B" | "C" | "D" | "E" | "F";

/** Points of each package, which are also its price in KRW. */
export const packagePoints: Readonly<Record<PackageLetter, bigint>> = {
  A: 1_000n,
  B: 5_000n,
  C: 10_000n,
  D: 30_000n,
  E: 50_000n,
  F: 100_000n,
};
