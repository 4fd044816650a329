import { BSON } from "bson";
import { type Document, isDocument } from "./document.ts";
import { notImplemented } from "./failure.ts";

const typeRanks = {
  missing: 0,
  number: 1,
  string: 2,
  document: 3,
  array: 4,
  uuid: 5,
  objectId: 6,
  boolean: 7,
  date: 8,
};

/** The rank of a value's type in BSON's comparison order; values of one rank are comparable. */
export function typeRank(value: unknown): number {
  if (value === undefined || value === null) {
    return typeRanks.missing;
  }
  if (typeof value === "number" || typeof value === "bigint") {
    return typeRanks.number;
  }
  if (typeof value === "string") {
    return typeRanks.string;
  }
  if (typeof value === "boolean") {
    return typeRanks.boolean;
  }
  if (value instanceof Date) {
    return typeRanks.date;
  }
  if (Array.isArray(value)) {
    return typeRanks.array;
  }
  if (value instanceof BSON.ObjectId) {
    return typeRanks.objectId;
  }
  if (value instanceof BSON.UUID) {
    return typeRanks.uuid;
  }
  if (isDocument(value)) {
    return typeRanks.document;
  }
  throw notImplemented("Comparing a value of this BSON type");
}

/** BSON's total order; numbers and 64-bit integers compare by exact value. */
export function compareValues(left: unknown, right: unknown): number {
  const rank = typeRank(left);
  const rankDifference = rank - typeRank(right);
  if (rankDifference !== 0) {
    return rankDifference;
  }
  switch (rank) {
    case typeRanks.missing:
      return 0;
    case typeRanks.number:
      return compareNumbers(left as number | bigint, right as number | bigint);
    case typeRanks.string:
      return compareStrings(left as string, right as string);
    case typeRanks.document:
      return compareDocuments(left as Document, right as Document);
    case typeRanks.array:
      return compareArrays(left as unknown[], right as unknown[]);
    case typeRanks.uuid:
    case typeRanks.objectId:
      return compareStrings(String(left), String(right));
    default:
      return Number(left) - Number(right);
  }
}

/** Equality in a filter: 5 equals a 64-bit 5, and null equals a missing field. */
export const equalValues = (left: unknown, right: unknown): boolean => compareValues(left, right) === 0;

function compareNumbers(left: number | bigint, right: number | bigint): number {
  if (left < right) {
    return -1;
  }
  if (left > right) {
    return 1;
  }
  return Number(Number.isNaN(right)) - Number(Number.isNaN(left));
}

// BSON orders strings by UTF-8 bytes: surrogate pairs come after U+FFFF, not before U+E000.
function compareStrings(left: string, right: string): number {
  if (left === right) {
    return 0;
  }
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) {
      return utf8Rank(a) - utf8Rank(b);
    }
  }
  return left.length - right.length;
}

const utf8Rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

function compareArrays(left: readonly unknown[], right: readonly unknown[]): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const difference = compareValues(left[index], right[index]);
    if (difference !== 0) {
      return difference;
    }
  }
  return left.length - right.length;
}

function compareDocuments(left: Document, right: Document): number {
  const leftFields = Object.entries(left);
  const rightFields = Object.entries(right);
  const length = Math.min(leftFields.length, rightFields.length);
  for (let index = 0; index < length; index++) {
    const [leftName, leftValue] = leftFields[index] as [string, unknown];
    const [rightName, rightValue] = rightFields[index] as [string, unknown];
    const difference =
      typeRank(leftValue) - typeRank(rightValue) ||
      compareStrings(leftName, rightName) ||
      compareValues(leftValue, rightValue);
    if (difference !== 0) {
      return difference;
    }
  }
  return leftFields.length - rightFields.length;
}

/** A string that is equal for equal values only, for use as a key of maps. */
export function keyOf(value: unknown): string {
  if (value === undefined || value === null) {
    return "0";
  }
  if (typeof value === "string") {
    return `s${value}`;
  }
  if (typeof value === "bigint") {
    return `n${value}`;
  }
  if (typeof value === "number") {
    return Number.isInteger(value) ? `n${BigInt(value)}` : `n${value}`;
  }
  if (typeof value === "boolean") {
    return `b${value}`;
  }
  if (value instanceof Date) {
    return `d${value.getTime()}`;
  }
  if (value instanceof BSON.ObjectId) {
    return `o${value.toHexString()}`;
  }
  if (value instanceof BSON.UUID) {
    return `u${value.toHexString()}`;
  }
  if (Array.isArray(value)) {
    return `[${JSON.stringify(value.map(keyOf))}`;
  }
  if (isDocument(value)) {
    return `{${JSON.stringify(Object.entries(value).map(([name, item]) => [name, keyOf(item)]))}`;
  }
  throw notImplemented("A key of this BSON type");
}
