import type { Source } from "./sources.ts";

/** A word that the project does not use, and what it says instead. `in` narrows the files. */
interface Ban {
  readonly word: RegExp;
  readonly instead: string;
  readonly in?: RegExp;
}

const word = (pattern: string, flags = "i") => new RegExp(`(?<![\\w$])(?:${pattern})(?![\\w])`, flags);

const bans: readonly Ban[] = [
  { word: /(?<!Math\.)\bfloors?\b|Floor(?![a-z])/, instead: "runtime" },
  { word: word("hears?|heard|hearers?|hearings?"), instead: "subscribe, subscriber, subscription" },
  { word: word("announc(?:e|es|ed|ing|ers?)"), instead: "publish, publisher" },
  { word: word("neighbou?rs?"), instead: "service, service client" },
  { word: /ACCESS_MESH|RATE_MESH|\bMESH_|mesh\.proto|mesh_pb/, instead: "internal" },
  {
    word: word("(?:is|are|was|were|being|while \\w+ is) away|away(?= (?:at the moment|for ))|deaf"),
    instead: "unavailable",
  },
  { word: word("look(?:s|ed|ing)? (?:at|into|after)"), instead: "check, inspect, administer" },
  { word: word("pursu(?:e|es|ed|ing|its?)"), instead: "reconcile, reconciliation task" },
  { word: word("watched|raiseAttempt"), instead: "due, startNextAttempt" },
  { word: word("settl(?:e|es|ed|ing)"), instead: "complete, apply, post" },
  { word: /(?<!Korean ")\bPG\b|\bpg\b|\bPg(?=[A-Z]|\b)|_PG_/, instead: "PSP, psp" },
  { word: word("payment gateways?"), instead: "PSP" },
  { word: word("user pieces?|pieces? of (?:a|the) coupon|takePiece|hasPiece"), instead: "user coupon" },
  { word: word("desks?"), instead: "workspace" },
  { word: word("(?:our|the|its|their|right) books|verify-?books"), instead: "invariants, ledger, records" },
  { word: word("damages?|damaged"), instead: "violation" },
  { word: word("strangers?"), instead: "orphan, other user" },
  { word: word("beside|whoever|nobody"), instead: "next to; name the actor" },
  {
    word: word("tells? of|stands? for|stands? (?:in|on|at)|under way|begun|farewell|mend(?:s|ed|ing)?"),
    instead: "plain words",
  },
  {
    word: word("gray|colour|catalogue|behaviour|honour|cancelation|artefact|licence"),
    instead: "American spelling",
  },
];

const exempt = /^test\/(tidy[\w-]*\.test|support\/tidy\/)/;

/** Uses of banned words in a file, as `path:line: word (say …)`. */
export function bannedWordsIn({ path, lines }: Source): string[] {
  if (exempt.test(path)) {
    return [];
  }
  return lines.flatMap((line, index) =>
    bans
      .filter(ban => ban.in?.test(path) ?? true)
      .flatMap(ban => {
        const found = ban.word.exec(line)?.[0];
        return found === undefined ? [] : [`${path}:${index + 1}: ${found} (say ${ban.instead})`];
      }),
  );
}
