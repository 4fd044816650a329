/** What is searched in a question. */
interface Searched {
  readonly title: string;
  readonly description: string;
}

/** A term of the full-text index. */
export interface SearchTerm {
  readonly term: string;
  /** Is in the search text of each question that has the term. */
  readonly part: string;
}

/** One word of what someone searches for; every word must be found. */
export interface SearchWord {
  /** Is in the search text of each question that has the word. */
  readonly part: string;
  /** Each question that has the word has these. */
  readonly terms: readonly SearchTerm[];
}

// Input methods make one letter of two that may be typed one after the other.
const clusters: Readonly<Record<string, string>> = {
  ㄳ: "ㄱㅅ",
  ㄵ: "ㄴㅈ",
  ㄶ: "ㄴㅎ",
  ㄺ: "ㄹㄱ",
  ㄻ: "ㄹㅁ",
  ㄼ: "ㄹㅂ",
  ㄽ: "ㄹㅅ",
  ㄾ: "ㄹㅌ",
  ㄿ: "ㄹㅍ",
  ㅀ: "ㄹㅎ",
  ㅄ: "ㅂㅅ",
};

/** The words of a text, without differences of width, case and composition; all but letters and digits separates. */
function wordsOf(text: string): string[] {
  return text
    .replace(/[ㄳㄵㄶㄺ-ㅀㅄ]/g, cluster => clusters[cluster] ?? cluster)
    .normalize("NFKC")
    .toUpperCase()
    .toLowerCase()
    .normalize("NFKC")
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .filter(word => word !== "");
}

const firstSyllable = 0xac00;
const lastSyllable = 0xd7a3;
const syllablesPerInitial = 588;
const firstInitial = 0x1100;

/** The word with each syllable replaced by its initial consonant: 삼각함수 becomes ㅅㄱㅎㅅ. */
function initialsOf(word: string): string {
  return [...word]
    .map(character => {
      const code = character.codePointAt(0) ?? 0;
      const isSyllable = code >= firstSyllable && code <= lastSyllable;
      const initial = firstInitial + Math.floor((code - firstSyllable) / syllablesPerInitial);
      return isSyllable ? String.fromCodePoint(initial) : character;
    })
    .join("");
}

/** True for a word that was typed as initial consonants. */
function isInitials(word: string): boolean {
  return /[\u1100-\u1112]/.test(word) && !/[\uac00-\ud7a3]/.test(word);
}

/** The text in which the parts of words are found: all words, and the initial consonants of the title. */
export function searchTextOf({ title, description }: Searched): string {
  const titleWords = wordsOf(title);
  const words = [...titleWords, ...wordsOf(description)];
  return ` ${words.join(" ")} \n ${titleWords.map(initialsOf).join(" ")} `;
}

/** The terms under which a question is indexed, each once. */
export function searchTermsOf({ title, description }: Searched): string[] {
  const titleWords = wordsOf(title);
  const ofWords = [...titleWords, ...wordsOf(description)].flatMap(word => [
    startTerm(word),
    ...partTerms("x", word, 2),
  ]);
  const ofInitials = titleWords
    .map(initialsOf)
    .flatMap(word => [startTerm(word), ...[2, 3, 4].flatMap(length => partTerms("z", word, length))]);
  return [...new Set([...ofWords, ...ofInitials].map(({ term }) => term))];
}

const longestInitials = 4;

/** The words that someone searches for, each once. A single character is searched at the start of words. */
export function searchWordsOf(text: string): SearchWord[] {
  return [...new Set(wordsOf(text))].map(word => {
    const { length } = [...word];
    if (length === 1) {
      return { part: ` ${word}`, terms: [startTerm(word)] };
    }
    const terms = isInitials(word)
      ? partTerms("z", word, Math.min(length, longestInitials))
      : partTerms("x", word, 2);
    return { part: word, terms };
  });
}

/** Whether a question has all of the words. */
export function hasWords(searched: Searched, words: readonly SearchWord[]): boolean {
  const text = words.length === 0 ? "" : searchTextOf(searched);
  return words.every(({ part }) => text.includes(part));
}

// MariaDB ignores short words, so a term has a letter for its kind and four digits for each character.
function partTerms(kind: "x" | "z", word: string, length: number): SearchTerm[] {
  const characters = [...word];
  return characters.slice(0, characters.length - length + 1).map((_, start) => {
    const part = characters.slice(start, start + length);
    return { term: `${kind}${part.map(codeOf).join("")}`, part: part.join("") };
  });
}

function startTerm(word: string): SearchTerm {
  const start = [...word].slice(0, 1);
  return { term: `y${start.map(codeOf).join("")}`, part: ` ${start.join("")}` };
}

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(36).padStart(4, "0");
}
