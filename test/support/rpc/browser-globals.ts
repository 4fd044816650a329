/** Globals of a browser, for scripts of the site that run in Node.js. */
interface BrowserGlobals<Name extends string> {
  define(name: Name, value: unknown): void;
  /** Puts back what was there. */
  restore(): void;
}

/** Lets a suite replace the named globals. */
export function createBrowserGlobals<Name extends string>(...names: readonly Name[]): BrowserGlobals<Name> {
  const originals = names.map(name => Object.getOwnPropertyDescriptor(globalThis, name));
  return {
    define(name, value) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    },
    restore() {
      for (const [index, name] of names.entries()) {
        Object.defineProperty(globalThis, name, originals[index] ?? { value: undefined, configurable: true });
      }
    },
  };
}

/** A storage of a browser. */
export function mapStorage(stored: Map<string, string>) {
  return {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  };
}
