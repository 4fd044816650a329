import { expect } from "chai";
import { hasWords, searchTermsOf, searchWordsOf } from "./search-text.ts";

const question = {
  title: "삼각함수의 그래프 (2026 수능 12번)",
  description: "주기와 최댓값을 구하시오. ＳＩＮ Graph, 몰의 개념",
};

/** Whether a search finds the question, by its text and by its terms alike. */
function finds(text: string, searched = question): boolean {
  const words = searchWordsOf(text);
  const terms = new Set(searchTermsOf(searched));
  const found = hasWords(searched, words);
  if (found) {
    expect(
      words.every(word => word.terms.every(({ term }) => terms.has(term))),
      `terms of ${text}`,
    ).to.equal(true);
  }
  return found;
}

describe("searching in the text of a question", () => {
  it("finds any two syllables inside a word, in title and description", () => {
    for (const text of ["삼각", "각함", "함수", "수의", "삼각함수의", "래프", "댓값", "하시"]) {
      expect(finds(text), text).to.equal(true);
    }
    expect(finds("의그")).to.equal(false);
    expect(finds("함각")).to.equal(false);
  });

  it("finds initial consonants in the title, however they were typed", () => {
    for (const text of ["ㅅㄱㅎㅅ", "ㅅㄱㅎㅅㅇ", "ㄱㅎ", "ㅎㅅㅇ", "ㄱㄹㅍ", "ㅅㄴ", "12ㅂ"]) {
      expect(finds(text), text).to.equal(true);
    }
    expect(finds("ㅅㄱㅎㅅㄱ")).to.equal(false);
    expect(finds("ㅈㄱㅇ"), "of the description").to.equal(false);
    const power = { title: "극한의 값 삯", description: "" };
    expect(finds("ㄳ", { title: "거속시", description: "" }), "a cluster of two consonants").to.equal(true);
    expect(finds("ㄱㅎㅇ", power)).to.equal(true);
  });

  it("finds all words, in any order, and not only some of them", () => {
    expect(finds("그래프 삼각")).to.equal(true);
    expect(finds("2026 최댓값 ㅅㄱ")).to.equal(true);
    expect(finds("그래프 수열")).to.equal(false);
  });

  it("finds single characters at the start of words", () => {
    expect(finds("몰")).to.equal(true);
    expect(finds("그")).to.equal(true);
    expect(finds("프")).to.equal(false);
    expect(finds("ㄱ")).to.equal(true);
  });

  it("makes no difference of case, width, composition and punctuation", () => {
    for (const text of [
      "sin",
      "SIN",
      "ｓｉｎ",
      "gRAPH",
      "삼각".normalize("NFD"),
      "２０２６",
      "(그래프)",
      "최댓값을!",
    ]) {
      expect(finds(text), text).to.equal(true);
    }
  });

  it("has no words in a text without letters and digits", () => {
    expect(searchWordsOf(" %_ ! ")).to.deep.equal([]);
  });

  it("has terms that a full-text index takes: of letters and digits, not short and not long", () => {
    for (const term of searchTermsOf(question)) {
      expect(term).to.match(/^[xyz](?:[0-9a-z]{4}){1,4}$/);
    }
  });
});
