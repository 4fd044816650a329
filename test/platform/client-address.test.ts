import { expect } from "chai";
import { clientAddressOf } from "#kit/rpc/request-headers.ts";

describe("the address by which a client's calls are limited", () => {
  const of = (forwardedFor: string) =>
    clientAddressOf(new Headers({ "x-forwarded-for": forwardedFor }), "127.0.0.1:4000");

  it("is that of the network where it is of IPv6, whose clients have as many addresses as they like", () => {
    const network = "2001:db8:0:7::/64";
    for (const address of ["2001:db8::7:1:2:3:4", "2001:DB8:0:7::", "2001:db8:0:7:ffff::5.6.7.8"]) {
      expect(of(address), address).to.equal(network);
    }
    expect(of("2001:db8:0:8::1")).to.equal("2001:db8:0:8::/64");
    expect(of("::1")).to.equal("0:0:0:0::/64");
  });

  it("is the whole one of IPv4, however it is written", () => {
    expect(of("203.0.113.9, 198.51.100.1")).to.equal("198.51.100.1");
    expect(of("::ffff:198.51.100.1")).to.equal("198.51.100.1");
    expect(of("::FFFF:c633:6401")).to.equal("198.51.100.1");
    expect(clientAddressOf(new Headers(), "127.0.0.1")).to.equal("127.0.0.1");
  });
});
