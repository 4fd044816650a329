import { join } from "node:path";
import { createVenv } from "#dev/stack/servers/python.ts";
import type { Language, Outcome } from "./generated-client.ts";
import { copyFiles, installTool, runTool } from "./run-tool.ts";

const [pins, config, driver] = ["requirements.txt", "config.yaml", "call.py"].map(
  name => new URL(`python/${name}`, import.meta.url),
) as [URL, URL, URL];

/** openapi-python-client, in a virtual environment of its own. */
export const python: Language = {
  name: "Python",
  missing: () => undefined,
  async generate(documentFile, dir) {
    const tool = await installPython();
    copyFiles([config, driver], dir);
    const source = ["--path", documentFile, "--config", "config.yaml"];
    const target = ["--meta", "none", "--output-path", "questioncloud_client"];
    // Scripts in a virtual environment name the folder in which it was made.
    const module = ["-m", "openapi_python_client", "generate"];
    const command = [...module, ...source, ...target];
    const { output, errors } = await runTool(join(tool, "venv/bin/python"), command, { cwd: dir });
    const problems = `${output}${errors}`.replace(/^Generating .*\n/, "");
    // It leaves out what it does not understand, and ends well.
    if (problems !== "") {
      throw new Error(problems);
    }
  },
  async call(dir, baseUrl, calls) {
    const tool = await installPython();
    const input = JSON.stringify(calls);
    const { output } = await runTool(join(tool, "venv/bin/python"), ["call.py", baseUrl], {
      cwd: dir,
      input,
    });
    return JSON.parse(output) as Outcome[];
  },
};

function installPython(): Promise<string> {
  return installTool([pins], dir => {
    const packages = ["--no-deps", "--no-compile", "--requirement", join(dir, "requirements.txt")];
    return createVenv(join(dir, "venv"), packages, { log: () => {} });
  });
}
