import { dictionary } from "@zxcvbn-ts/language-common";
import { commonPassword } from "../failures.ts";

// One text: a Set of them takes two megabytes more. It is searched in a fraction of a millisecond.
const common = `\n${dictionary["passwords-common"].map(fold).join("\n")}\n`;

/** Refuses a password that many people use, in any case and in any form of its characters. */
export function refuseCommonPassword(password: string): void {
  if (common.includes(`\n${fold(password)}\n`)) {
    throw commonPassword();
  }
}

// Upper case first: it takes apart what lower case leaves alone, such as ß.
function fold(password: string): string {
  return password.normalize("NFKC").toUpperCase().toLowerCase();
}
