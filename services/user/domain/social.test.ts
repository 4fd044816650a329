import { expect } from "chai";
import { maskEmail } from "./social.ts";

describe("a masked address", () => {
  it("shows two letters of the name at most, whatever its length, and the domain", () => {
    expect(maskEmail("haneul@gmail.example")).to.equal("ha***@gmail.example");
    expect(maskEmail("abc@x.example")).to.equal("a***@x.example");
    expect(maskEmail("a@x.example")).to.equal("a***@x.example");
  });
});
