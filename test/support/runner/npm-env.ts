import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";

/** By which a machine tells its programs whom to trust and through what to go out. */
const MACHINE_VARIABLES = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"] as const;

/**
 * What npm needs of this machine to reach its registry. The action runs with a home of
 * its own here; on a runner it has the real one, and with it the registry that is configured.
 */
export function readNpmEnv(): Record<string, string> {
  const userConfig = execFileSync("npm", ["config", "get", "userconfig"], {
    cwd: tmpdir(),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const machine = MACHINE_VARIABLES.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name] as string]]));
  return { NPM_CONFIG_USERCONFIG: userConfig.trim(), ...Object.fromEntries(machine) };
}
