import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { judgeBoundary } from "../../../src/domain/sandbox/boundary-proof.ts";
import type { Sandbox } from "../../../src/ports/sandbox.ts";
import type { Cloud, CloudServer } from "../../support/cloud/cloud.ts";
import { sandboxSpec } from "../../support/sandbox/sandbox-spec.ts";

/** A promise of the service that a stand-in breaks, and what the creation says then. */
export interface BrokenPromise<Server> {
  /** Ends "a sandbox …". */
  readonly name: string;
  readonly start: () => Promise<Server>;
  readonly code: string;
  readonly message?: RegExp;
}

/** A sandbox that all tests inside it share. */
export interface Inside<Server> {
  readonly server: Server;
  readonly sandbox: Sandbox;
  shell(script: string, user?: "agent" | "root"): Promise<string>;
}

export interface BoundarySubject<Server extends CloudServer> {
  readonly cloud: Cloud<Server, string>;
  readonly broken: readonly BrokenPromise<Server>[];
  /** Keys that nobody inside may find, beside the credential. */
  readonly keys?: (server: Server, id: string) => readonly string[];
  /** Tests of this cloud alone, in the sandbox that all share. */
  readonly more: (inside: () => Inside<Server>) => void;
}

/** What keeps a sandbox in at any cloud, seen from inside and at the service. */
export function describeCloudBoundary<Server extends CloudServer>(subject: BoundarySubject<Server>): void {
  describe(`a promise of ${subject.cloud.name}`, () => describePromises(subject));
  describe(`inside a ${subject.cloud.sandbox}`, () => {
    let inside: Inside<Server>;
    beforeAll(async () => {
      inside = await openInside(subject.cloud);
    });
    afterAll(async () => {
      await inside?.sandbox[Symbol.asyncDispose]();
      await inside?.server[Symbol.asyncDispose]();
    });
    describeSecrets(subject, () => inside);
    describeLink(() => inside);
    subject.more(() => inside);
  });
}

async function openInside<Server extends CloudServer>(cloud: Cloud<Server, string>): Promise<Inside<Server>> {
  const server = await cloud.start();
  const sandbox = await (await cloud.open(server)).create(sandboxSpec());
  const env = { PATH: "/usr/local/bin:/usr/bin:/bin" };
  return {
    server,
    sandbox,
    async shell(script, user = "agent") {
      const limits = { timeoutMs: 30_000, maxOutputBytes: 1_000_000 };
      const { stdout } = await sandbox.exec({ argv: ["/bin/bash", "-c", script], cwd: "/", env, user, ...limits });
      return Buffer.from(stdout).toString();
    },
  };
}

function describePromises<Server extends CloudServer>({ cloud, broken }: BoundarySubject<Server>): void {
  test("I3: to give no network that is broken is caught by the proof from inside", async () => {
    await using server = await cloud.startOpen();
    await using sandbox = await (await cloud.open(server)).create(sandboxSpec());
    const { attempts } = await sandbox.probe({ deniedHost: "denied.invalid", proxyPort: 3_128, timeoutMs: 2_000 });
    const { proved, failures } = judgeBoundary(attempts);
    expect(proved).toBe(false);
    expect(failures.join("\n")).toContain("1.1.1.1:443");
  });

  test.each(broken)("I6: that is broken: a sandbox $name ends the creation before anything runs in it, and none is left", async (given) => {
    await using server = await given.start();
    const provider = await cloud.open(server);
    const { code, message = /./ } = given;
    await expect(provider.create(sandboxSpec())).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(cloud.commands(server)).toEqual([]);
    expect(cloud.left(server)).toEqual([]);
  });
}

function describeSecrets<Server extends CloudServer>({ cloud, keys }: BoundarySubject<Server>, inside: () => Inside<Server>): void {
  test("I2: neither the provider's key nor the keys to the sandbox's own doors are in files, environments, command lines or requests", async () => {
    const { server, sandbox, shell } = inside();
    const secrets = [cloud.credential.of(server), ...(keys?.(server, sandbox.id) ?? [])];
    expect(secrets.every((secret) => secret.length >= 32)).toBe(true);
    const pattern = secrets.map((secret) => `[${secret.slice(0, 1)}]${secret.slice(1)}`).join("|");
    const files = `grep -rlsE '${pattern}' /run /opt/airlock /etc /home /root /tmp /work`;
    const processes = `grep -alsE '${pattern}' /proc/[0-9]*/environ /proc/[0-9]*/cmdline`;
    expect(await shell(`${files}; ${processes}; echo searched`, "root")).toBe("searched\n");
    const sent = JSON.stringify(cloud.sent(server));
    for (const secret of secrets) for (const spelling of [secret, encodeURIComponent(secret)]) expect(sent).not.toContain(spelling);
    expect(server.complaints).toEqual([]);
  });
}

function describeLink<Server extends CloudServer>(inside: () => Inside<Server>): void {
  test("I2: the token of the run's own link is gone once the guest has read it", async () => {
    const { shell } = inside();
    expect(await shell("ls -A /run/airlock", "root")).not.toContain("token");
    expect(await shell("ls -A /run/airlock 2>&1; cat /run/airlock/guest.log 2>&1; true")).toContain("Permission denied");
  });

  test("I3: the agent cannot take over the link: without the run's token the guest's ports say nothing and do nothing", async () => {
    const { shell } = inside();
    const script = `exec 3<>/dev/tcp/127.0.0.1/3127; printf 'ALK1R0123456789abcdef${"x".repeat(38)}' >&3; timeout 3 cat <&3 | wc -c`;
    // The guest's own nonce and no byte of the stream.
    expect(Number(await shell(script))).toBeLessThanOrEqual(21);
    expect(await shell("echo still here")).toBe("still here\n");
  });

  test("I3: the agent can replace neither the guest's program nor the files that were brought", async () => {
    const script =
      "for f in /run/airlock/guest/index.js /opt/airlock /usr/local/bin/node; do (echo x >> $f/x || echo x >> $f) 2> /dev/null && echo wrote $f; done; true";
    expect(await inside().shell(script)).toBe("");
  });
}
