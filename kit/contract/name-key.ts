import unhomoglyph from "unhomoglyph";

/** The longest key, in characters; columns of keys hold it. */
const maxLength = 200;

/**
 * The key by which names that must be unique are compared: equal for names that people can hardly tell apart. Width,
 * case, composition, runs of blanks, invisible characters and look-alikes of other scripts make no difference. Keys
 * are stored, so what they depend on must not change: the table of look-alikes (Unicode 13) is pinned with its package.
 */
export function nameKey(name: string): string {
  // Syllables stay composed: taken apart, some different ones are look-alikes (각가 and 가까).
  const folded = unhomoglyph(foldCase(name).replace(/\p{Default_Ignorable_Code_Point}/gu, ""));
  const key = foldCase(folded)
    .replace(/[\s\u2800]+/gu, " ")
    .trim();
  return [...key].slice(0, maxLength).join("").trimEnd();
}

// Upper case first, so that ß and ss, or both small sigmas, become one.
function foldCase(text: string): string {
  return text.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}
