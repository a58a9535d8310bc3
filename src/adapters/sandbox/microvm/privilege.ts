import { AirlockError } from "../../../domain/errors.ts";
import { lastWords, runProgram } from "../../programs/run-program.ts";
import { rootPrefix, type Tools } from "./tools.ts";

/** How QEMU is put into its confinement. */
export type Privilege =
  | { readonly kind: "root" }
  | { readonly kind: "user-namespace" }
  | { readonly kind: "sudo"; readonly sudo: readonly string[] };

/**
 * Root where we are root; else a user namespace where an unprivileged one is allowed (Ubuntu 24.04's AppArmor refuses it);
 * else sudo.
 * @throws AirlockError `sandbox.unavailable`.
 */
export async function findPrivilege(tools: Tools): Promise<Privilege> {
  const isRoot = process.getuid?.() === 0;
  const namespaces = ["--unshare-pid", "--unshare-net", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "/bin/true"];
  const user = isRoot ? [] : ["--unshare-user"];
  const attempt = await runProgram([tools.bwrap, ...user, ...namespaces], { timeoutMs: 10_000 });
  if (attempt.code === 0) return { kind: isRoot ? "root" : "user-namespace" };
  const prefix = await rootPrefix();
  if (prefix !== null && prefix.length > 0) return { kind: "sudo", sudo: prefix };
  throw new AirlockError("sandbox.unavailable", {
    message: `This runner does not let Airlock confine QEMU: ${lastWords(attempt)}.`,
    remedy:
      "Run the job on the machine itself rather than in a container; allow unprivileged user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0) or sudo without a password; or choose a cloud provider with the input `provider`.",
  });
}
