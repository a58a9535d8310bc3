import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { type BoundaryProof, judgeClosed } from "../../../src/domain/sandbox/boundary-proof.ts";
import type { Sandbox } from "../../../src/ports/sandbox.ts";
import { serveGateway } from "./gateway.ts";
import type { LawContext, SharedLaw } from "./law.ts";
import { collect, command, run, shell, text } from "./run.ts";

const PROXY_PORT = 3128;
const MODEL_PORT = 3129;
const LATER_PORT = 3130;

/** Processes that do what they can to outlive their command; each kind shows as the marker and a digit. */
const OUTLIVERS = `
(setsid nohup sleep "$M"1 > /dev/null 2>&1 &)
sh -c 'kill -STOP $$; sleep 300' "$M"2 &
(trap '' HUP INT TERM; exec setsid sleep "$M"3) &
if unshare -Urpf true 2> /dev/null; then echo namespaces; (setsid unshare -Urpf sleep "$M"4 &); fi
(ulimit -u 50; exec setsid bash -c 'bomb() { while :; do bomb & done; }; bomb' "$M"5) > /dev/null 2>&1 &
setsid bash -c 'hop() { hop & exit; }; hop & exit' "$M"6 > /dev/null 2>&1 &
echo ready
sleep "$M"7
`;

/** The kinds of marked processes that are alive. */
async function listKinds(sandbox: Sandbox, context: LawContext, marker: string): Promise<readonly string[]> {
  await sandbox.writeFiles([{ path: "/tmp/marker", content: Buffer.from(`${marker}[0-9]\n`) }]);
  const script = "grep -aohf /tmp/marker /proc/[0-9]*/cmdline 2> /dev/null | sort -u";
  return (await shell(sandbox, context, script, { user: "root" })).split("\n").flatMap((line) => line.slice(marker.length) || []);
}

/** Every port on loopback that takes a connection, and what is told through it. */
const CONNECT = `for port in ${PROXY_PORT} ${MODEL_PORT} ${LATER_PORT}; do
  (exec 3<> /dev/tcp/127.0.0.1/$port && echo hello >&3 && read -r name <&3 && echo "$port $name") 2> /dev/null || true
done`;

async function connectAll(sandbox: Sandbox, context: LawContext): Promise<string> {
  return text((await run(sandbox, context, ["/bin/bash", "-c", CONNECT])).stdout);
}

async function proveClosed(sandbox: Sandbox, context: LawContext): Promise<BoundaryProof> {
  const timeoutMs = 2_000 + 200 * context.subject.slowness;
  return judgeClosed((await sandbox.probe({ deniedHost: "denied.invalid", proxyPort: PROXY_PORT, timeoutMs })).attempts);
}

export const CLOSING_LAWS: readonly SharedLaw[] = [
  {
    id: "close-ends",
    title: "I21: closing ends every process of the agent's user, detached, stopped or forking, and commands work afterwards",
    async check(sandbox, context) {
      const marker = `88${randomBytes(3).readUIntBE(0, 3)}`;
      const env = { ...context.subject.env, M: marker };
      const started = await sandbox.start(command(context, ["/bin/bash", "-c", OUTLIVERS], { env, timeoutMs: 300_000 }));
      let said = "";
      for await (const piece of started.output("stdout")) {
        said += text(piece);
        if (said.includes("ready")) break;
      }
      // The sixth is never at one place for long enough to be seen for certain.
      const kinds = ["1", "2", "3", ...(said.includes("namespaces") ? ["4"] : []), "5", "7"];
      const timeout = 5_000 + 2_000 * context.subject.slowness;
      await expect.poll(() => listKinds(sandbox, context, marker), { timeout }).toEqual(expect.arrayContaining(kinds));
      await sandbox.closeRelay();
      for (const _look of [1, 2]) expect(await listKinds(sandbox, context, marker)).toEqual([]);
      expect(await started.exit).toMatchObject({ code: null, signal: "SIGKILL", timedOut: false });
      expect(text((await run(sandbox, context, ["/usr/bin/id", "-u"])).stdout)).toBe("1000\n");
    },
  },
  {
    id: "close-relay",
    title: "I3, I21: closing refuses and cuts every connection and is proved by the probe; other listeners may be opened afterwards",
    async check(sandbox, context) {
      serveGateway(sandbox, (name, stream) => stream.once("data", () => stream.write(`${name}\n`)));
      await sandbox.openRelay([
        { port: PROXY_PORT, name: "proxy" },
        { port: MODEL_PORT, name: "model" },
      ]);
      expect(await connectAll(sandbox, context)).toBe(`${PROXY_PORT} proxy\n${MODEL_PORT} model\n`);
      expect((await proveClosed(sandbox, context)).proved, "open").toBe(false);
      // Of root, so that it is the connection that ends and not who holds it.
      const script = `exec 3<> /dev/tcp/127.0.0.1/${MODEL_PORT}; echo hello >&3; while read -r line <&3; do echo "$line"; done`;
      const holder = await sandbox.start(
        command(context, ["/bin/bash", "-c", script], { user: "root", timeoutMs: 5_000 + 1_000 * context.subject.slowness }),
      );
      for await (const piece of holder.output("stdout")) if (piece.length > 0) break;
      await sandbox.closeRelay();
      expect(await holder.exit, "the holder of a connection").toMatchObject({ signal: null, timedOut: false });
      expect(text(await collect(holder.output("stdout")))).toBe("model\n");
      expect(await connectAll(sandbox, context)).toBe("");
      expect(await proveClosed(sandbox, context)).toEqual({ proved: true, failures: [] });
      await sandbox.openRelay([{ port: LATER_PORT, name: "later" }]);
      expect(await connectAll(sandbox, context)).toBe(`${LATER_PORT} later\n`);
      await sandbox.closeRelay();
    },
  },
];
