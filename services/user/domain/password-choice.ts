import { dictionary } from "@zxcvbn-ts/language-common";
import { commonPassword } from "../failures.ts";

const common: ReadonlySet<string> = new Set(dictionary["passwords-common"].map(fold));

/** Refuses a password that many people use, in any case and in any form of its characters. */
export function refuseCommonPassword(password: string): void {
  if (common.has(fold(password))) {
    throw commonPassword();
  }
}

// Upper case first: it takes apart what lower case leaves alone, such as ß.
function fold(password: string): string {
  return password.normalize("NFKC").toUpperCase().toLowerCase();
}
