import { MongoFailure } from "./failure.ts";

const fits32 = (value: number | bigint): boolean => value >= -0x80000000 && value <= 0x7fffffff;

export const isNumeric = (value: unknown): value is number | bigint =>
  typeof value === "number" || typeof value === "bigint";

/** Adds like MongoDB: 32-bit integers grow to 64 bits, and the sum is a double if one of the numbers is. */
export const addNumbers = (left: number | bigint, right: number | bigint): number | bigint =>
  calculate(left, right, {
    integers: (a, b) => a + b,
    doubles: (a, b) => a + b,
  });

export const multiplyNumbers = (left: number | bigint, right: number | bigint): number | bigint =>
  calculate(left, right, {
    integers: (a, b) => a * b,
    doubles: (a, b) => a * b,
  });

type Operation = {
  integers(left: bigint, right: bigint): bigint;
  doubles(left: number, right: number): number;
};

function calculate(left: number | bigint, right: number | bigint, operation: Operation): number | bigint {
  if (!isWhole(left) || !isWhole(right)) {
    return operation.doubles(Number(left), Number(right));
  }
  const result = operation.integers(BigInt(left), BigInt(right));
  if (BigInt.asIntN(64, result) !== result) {
    throw new MongoFailure("BadValue", "The result exceeds 64-bit integers");
  }
  const isLong = typeof left === "bigint" || typeof right === "bigint" || !fits32(result);
  return isLong ? result : Number(result);
}

// A JavaScript number beyond 32 bits is encoded as a double, so arithmetic on it uses doubles.
const isWhole = (value: number | bigint): boolean =>
  typeof value === "bigint" || (Number.isInteger(value) && fits32(value));
