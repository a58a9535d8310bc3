import { GUEST_ENV } from "../../../src/domain/sandbox/env.ts";
import type { Gateway, Tunnel } from "../../../src/ports/gateway.ts";
import type { Sandbox } from "../../../src/ports/sandbox.ts";
import { openNamespaceProvider } from "./namespace-provider.ts";
import { sandboxSpec } from "./sandbox-spec.ts";

const LIFETIME_MS = 300_000;

/** A sandbox of namespaces whose only way out is a tunnel to this gateway. */
export async function openGatewayGuest(gateway: Gateway): Promise<{ readonly sandbox: Sandbox; readonly tunnel: Tunnel }> {
  const sandbox = await openNamespaceProvider().create(sandboxSpec({ lifetimeMs: LIFETIME_MS, signal: AbortSignal.timeout(LIFETIME_MS) }));
  const tunnel = gateway.openTunnel({ sandbox, phase: "agent" });
  await sandbox.openRelay(tunnel.listeners);
  await sandbox.writeFiles(
    gateway.files
      .filter(({ optional, owner }) => optional !== true || owner === "agent")
      .map(({ owner = "root", ...file }) => ({ ...file, owner })),
  );
  return { sandbox, tunnel };
}

/** Runs a script as root inside, with the gateway's environment, and returns all it printed. */
export async function runInGuest(sandbox: Sandbox, gateway: Gateway, script: string): Promise<string> {
  const result = await sandbox.exec({
    argv: ["/bin/sh", "-c", script],
    cwd: "/",
    env: { PATH: "/opt/node/bin:/usr/bin:/bin:/usr/sbin:/sbin", HOME: "/root", ...gateway.env },
    user: "root",
    timeoutMs: 60_000,
    maxOutputBytes: 1 << 20,
  });
  return Buffer.concat([result.stdout, result.stderr]).toString();
}

/** Runs a script as an agent's command runs, and returns all it printed. */
export async function runAsAgent(sandbox: Sandbox, gateway: Gateway, script: string): Promise<string> {
  const result = await sandbox.exec({
    argv: ["/bin/sh", "-c", script],
    env: { ...GUEST_ENV, ...gateway.env, PATH: `/opt/node/bin:/usr/local/go/bin:${GUEST_ENV.PATH}` },
    timeoutMs: 60_000,
    maxOutputBytes: 1 << 20,
  });
  return Buffer.concat([result.stdout, result.stderr]).toString();
}
