/** What a list is sorted by. */
export interface Order {
  readonly column: string;
  readonly direction: "ASC" | "DESC";
  readonly isNumber: boolean;
  /** How rows are sorted that are equal by the column: by their ids. */
  readonly ties: "ASC" | "DESC";
}

/** Where a row is in a list. */
export interface Place {
  /** What the list is sorted by, as the database writes it. */
  readonly key: string;
  readonly id: bigint;
}

/** Sorts places as a list of this order has them. */
export function comparePlaces({ direction, isNumber, ties }: Order): (a: Place, b: Place) => number {
  const compareKeys = isNumber
    ? (a: string, b: string) => Number(a) - Number(b)
    : (a: string, b: string) => compare(a, b);
  return (a, b) => signOf(direction) * compareKeys(a.key, b.key) || signOf(ties) * compare(a.id, b.id);
}

function compare<T extends string | bigint>(a: T, b: T): number {
  return a < b ? -1 : Number(a > b);
}

function signOf(direction: "ASC" | "DESC"): 1 | -1 {
  return direction === "ASC" ? 1 : -1;
}
