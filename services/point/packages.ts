import { ChargePackage } from "#gen/questioncloud/point/v1/point_pb.ts";

/** The letter of a package, as it is stored. */
export type PackageLetter = "A" | "B" | "C" | "D" | "E" | "F";

/** What can be ordered: its name in the contract, and its points, which are KRW. */
export const packages: Record<PackageLetter, { contract: ChargePackage; amountPoints: bigint }> = {
  A: { contract: ChargePackage.A, amountPoints: 1_000n },
  B: { contract: ChargePackage.B, amountPoints: 5_000n },
  C: { contract: ChargePackage.C, amountPoints: 10_000n },
  D: { contract: ChargePackage.D, amountPoints: 30_000n },
  E: { contract: ChargePackage.E, amountPoints: 50_000n },
  F: { contract: ChargePackage.F, amountPoints: 100_000n },
};

/** The letter of a package that a caller named. */
export function letterOf(contract: ChargePackage): PackageLetter {
  const letters = Object.keys(packages) as PackageLetter[];
  const letter = letters.find(candidate => packages[candidate].contract === contract);
  if (letter === undefined) {
    throw new TypeError("the contract requires a package");
  }
  return letter;
}
