import { serviceNames } from "#kit/contract/contracts.ts";
import { run, type ServiceModule } from "#kit/service/run.ts";

const usage = `node services/main.ts <service> | all

Starts one service of the mesh, or all of them in this process. Calls between services cross sockets either way.
Services: ${serviceNames.join(", ")}.
`;

const [wanted = "", ...rest] = process.argv.slice(2);
if (wanted === "--help" || wanted === "-h") {
  process.stdout.write(usage);
} else if (rest.length > 0 || (wanted !== "all" && !serviceNames.includes(wanted))) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  const names = wanted === "all" ? serviceNames : [wanted];
  const modules = await Promise.all(
    names.map(async name => [name, (await import(`./${name}/service.ts`)) as ServiceModule] as const),
  );
  await run(Object.fromEntries(modules), process.env);
}
