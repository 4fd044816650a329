import { expect } from "chai";
import { createBrowserGlobals, mapStorage } from "../support/rpc/browser-globals.ts";

/** The part of the site's session script that pages use. */
interface SessionScript {
  findToken(): Promise<string | undefined>;
  signOut(): Promise<void>;
}

const { define, restore } = createBrowserGlobals("document", "sessionStorage", "fetch");

describe("the session of the site", () => {
  let stored: Map<string, string>;
  let paths: string[];
  let inFlight: number;
  let mostInFlight: number;
  let answer: () => Response;

  beforeEach(() => {
    stored = new Map();
    paths = [];
    inFlight = 0;
    mostInFlight = 0;
    answer = () =>
      Response.json({
        tokens: { accessToken: "token", accessExpireTime: new Date(Date.now() + 300_000).toISOString() },
      });
    define("document", { querySelector: () => null });
    define("sessionStorage", mapStorage(stored));
    define("fetch", async (url: string) => {
      paths.push(url.slice(url.lastIndexOf("/") + 1));
      inFlight += 1;
      mostInFlight = Math.max(mostInFlight, inFlight);
      await new Promise(resolve => setImmediate(resolve));
      inFlight -= 1;
      return answer();
    });
  });
  after(restore);

  /** The script as each of several tabs has loaded it. */
  const openTabs = (count: number): Promise<SessionScript[]> =>
    Promise.all(
      Array.from({ length: count }, (_, tab) => {
        const script = new URL(`../../gateway/site/assets/session.js?tab=${tab}`, import.meta.url);
        return import(script.href) as Promise<SessionScript>;
      }),
    );

  it("changes the refresh cookie in one tab at a time", async () => {
    const tabs = await openTabs(4);
    // Each tab has its own storage, so none finds what another has stored.
    define("sessionStorage", { getItem: () => null, setItem: () => {}, removeItem: () => {} });
    const [last, ...others] = tabs;
    const tokens = await Promise.all([...others.map(tab => tab.findToken()), last?.signOut()]);
    expect(tokens).to.deep.equal(["token", "token", "token", undefined]);
    expect(paths.sort()).to.deep.equal(["Logout", "RefreshSession", "RefreshSession", "RefreshSession"]);
    expect(mostInFlight).to.equal(1);
  });

  it("is refreshed once by two calls of one tab", async () => {
    const [tab] = await openTabs(1);
    expect(await Promise.all([tab?.findToken(), tab?.findToken()])).to.deep.equal(["token", "token"]);
    expect(paths).to.deep.equal(["RefreshSession"]);
  });

  it("is taken for over only if the server says so", async () => {
    const [tab] = await openTabs(1);
    for (const status of [401, 403]) {
      answer = () => Response.json({}, { status });
      expect(await tab?.findToken()).to.equal(undefined);
    }
    for (const status of [429, 503]) {
      answer = () => Response.json({}, { status });
      expect(await tab?.findToken().catch(error => error.status)).to.equal(status);
    }
  });
});
