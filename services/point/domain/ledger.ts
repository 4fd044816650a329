export type UserAccount = "PAID" | "BONUS" | "HELD";
type SystemAccount = "PSP_CLEARING" | "SALES" | "ADJUSTMENTS";
type Account = UserAccount | SystemAccount;
export type TransferType = "CHARGE" | "HOLD" | "RELEASE" | "SPEND" | "ADJUSTMENT";

/** Points that go from one account to another. */
export interface Transfer {
  readonly from: Account;
  readonly to: Account;
  readonly amountPoints: bigint;
}

/** One side of a transfer. */
interface Entry {
  readonly account: Account;
  readonly counterAccount: Account;
  readonly deltaPoints: bigint;
}

/** What a user has, by account. */
export interface Balance {
  readonly paidPoints: bigint;
  readonly bonusPoints: bigint;
  readonly heldPoints: bigint;
}

/** The most points in one wallet, held ones included. */
export const walletLimitPoints = 100_000_000n;

/** The part of a balance that an account has. */
export const balanceFields = {
  PAID: "paidPoints",
  BONUS: "bonusPoints",
  HELD: "heldPoints",
} as const satisfies Record<UserAccount, keyof Balance>;

/** True for an account that belongs to a user. */
export function isUserAccount(account: Account): account is UserAccount {
  return account in balanceFields;
}

/** Both sides of each transfer; their sum is zero. */
export function entriesOf(transfers: readonly Transfer[]): Entry[] {
  return transfers.flatMap(({ from, to, amountPoints }) => {
    if (amountPoints <= 0n || from === to) {
      throw new RangeError(`${amountPoints} points cannot go from ${from} to ${to}`);
    }
    return [
      { account: from, counterAccount: to, deltaPoints: -amountPoints },
      { account: to, counterAccount: from, deltaPoints: amountPoints },
    ];
  });
}

/** Adds to each entry what its account has after it, where the user had `before`; `after` is what the user has then. */
export function followEntries<Row extends { readonly account: UserAccount; readonly deltaPoints: bigint }>(
  before: Balance,
  entries: readonly Row[],
): { entries: (Row & { readonly balancePoints: bigint })[]; after: Balance } {
  const after = { ...before };
  const followed = entries.map(entry => {
    after[balanceFields[entry.account]] += entry.deltaPoints;
    return { ...entry, balancePoints: after[balanceFields[entry.account]] };
  });
  return { entries: followed, after };
}

/** All points of a user, held ones included. */
export function totalOf({ paidPoints, bonusPoints, heldPoints }: Balance): bigint {
  return paidPoints + bonusPoints + heldPoints;
}

/** By how much transfers change the accounts of a user. */
export function changeOf(transfers: readonly Transfer[]): Balance {
  const entries = entriesOf(transfers);
  const sumOf = (account: UserAccount) =>
    entries.reduce((sum, entry) => (entry.account === account ? sum + entry.deltaPoints : sum), 0n);
  return { paidPoints: sumOf("PAID"), bonusPoints: sumOf("BONUS"), heldPoints: sumOf("HELD") };
}

/** Points that a transfer issued, and whether they were paid for or given; undefined where it issued none. */
export function issueOf(
  type: TransferType,
  change: Balance,
): { source: "PAID" | "GIVEN"; points: bigint } | undefined {
  const points = totalOf(change);
  if (points <= 0n || (type !== "CHARGE" && type !== "ADJUSTMENT")) {
    return undefined;
  }
  return { source: type === "CHARGE" ? "PAID" : "GIVEN", points };
}

/** The transfers that hold points, bonus first; undefined where there are too few. */
export function holdTransfers(
  { paidPoints, bonusPoints }: Balance,
  amountPoints: bigint,
): Transfer[] | undefined {
  if (paidPoints + bonusPoints < amountPoints) {
    return undefined;
  }
  const bonus = bonusPoints < amountPoints ? bonusPoints : amountPoints;
  const transfers: Transfer[] = [
    { from: "BONUS", to: "HELD", amountPoints: bonus },
    { from: "PAID", to: "HELD", amountPoints: amountPoints - bonus },
  ];
  return transfers.filter(transfer => transfer.amountPoints > 0n);
}

/** The same transfers in the other direction. */
export function reversed(transfers: readonly Transfer[]): Transfer[] {
  return transfers.map(({ from, to, amountPoints }) => ({ from: to, to: from, amountPoints }));
}
