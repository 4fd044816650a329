import { installDebianPackages } from "./debian.ts";

interface BinarySource<T> {
  /** The name to show to people. */
  title: string;
  find: () => T | undefined;
  debianPackages: string[];
  /** The environment variable that names a server to use instead. */
  variable: string;
  log: (line: string) => void;
}

/** The result of `find`; installs the Debian packages first if nothing is found and the user is root. */
export async function requireBinary<T>(source: BinarySource<T>): Promise<T> {
  const found = source.find();
  if (found) {
    return found;
  }
  const packages = source.debianPackages.join(" ");
  if (await installDebianPackages(source.debianPackages, source.log)) {
    const installed = source.find();
    if (installed) {
      return installed;
    }
  }
  throw new Error(
    `${source.title} is not installed. Install it (on Debian: sudo apt-get install ${packages}), ` +
      `or set ${source.variable} to the address of your own server.`,
  );
}
