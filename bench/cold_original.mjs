// The original on a worker that has nothing unpacked yet: `node cold_original.mjs CLI ARGUMENTS...` unpacks Chromium as
// the package does in Lambda, into the temporary folder, and runs the command line with it.
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";

process.env.AWS_LAMBDA_JS_RUNTIME ??= "nodejs20.x"; // asks for the system libraries too
const { default: chromium } = await import("@sparticuz/chromium");
const browser = await chromium.executablePath();
const env = {
  ...process.env,
  LD_LIBRARY_PATH: `${tmpdir()}/al2023/lib`,
  HYPERFRAMES_BROWSER_PATH: browser,
  PRODUCER_HEADLESS_SHELL_PATH: browser,
};
process.exit(spawnSync(process.execPath, process.argv.slice(2), { env, stdio: "inherit" }).status ?? 1);
